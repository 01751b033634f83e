"""The OpenAPI document is whole, and says what the code does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from deadwax.api.app import ROUTERS
from deadwax.api.body import checked
from deadwax.api.errors import KINDS
from deadwax.api.examples import BODIES
from deadwax.api.openapi import TAGS, body_of
from deadwax.api.route import Route, permission_of

METHODS = {"get", "head", "post", "put", "patch", "delete"}


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return json.loads(json.dumps(app.openapi()))  # type: ignore[no-any-return]


def _operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert method in METHODS
            yield path, method, operation


def _values(document: Any, name: str) -> Iterator[Any]:
    if isinstance(document, dict):
        if name in document:
            yield document[name]
        for value in document.values():
            yield from _values(value, name)
    elif isinstance(document, list):
        for value in document:
            yield from _values(value, name)


def test_it_is_openapi_3_1_with_everything_a_reader_needs(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1.")
    assert document["info"].keys() >= {"title", "version", "description"}
    tags = {tag["name"] for tag in TAGS}
    ids = []
    for path, _, operation in _operations(document):
        ids.append(operation["operationId"])
        assert operation["summary"]
        assert operation["description"], path
        assert set(operation["tags"]) <= tags
        placed = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert placed == {part.strip("{}") for part in path.split("/") if part.startswith("{")}
    assert len(set(ids)) == len(ids) > 30


def test_every_route_is_in_it(document: dict[str, Any]) -> None:
    mounted = {
        (route.path_format, method.lower())
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    assert {(path, method) for path, method, _ in _operations(document)} == mounted


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = set(_values(document, "$ref"))
    assert len(references) > 50
    for reference in references:
        found: Any = document
        for step in reference.removeprefix("#/").split("/"):
            assert step in found, reference
            found = found[step]


def test_every_schema_is_used(document: dict[str, Any]) -> None:
    used = {r.rpartition("/")[2] for r in _values(document, "$ref")}
    assert set(document["components"]["schemas"]) <= used


def test_every_operation_documents_its_problems(document: dict[str, Any]) -> None:
    for path, method, operation in _operations(document):
        responses = operation["responses"]
        if not path.startswith("/api/v1"):
            assert operation.get("security") is None
            continue
        assert operation["security"] == [{"key": []}]
        assert responses.keys() >= {"401", "403", "500", "503"}, path
        if "{" in path:
            assert responses.keys() >= {"404", "422"}, path
        if method in ("post", "put", "patch") and "requestBody" in operation:
            assert responses.keys() >= {"413", "422"}, path
        for status, response in responses.items():
            if status[0] in "45":
                assert response == {"$ref": f"#/components/responses/{status}"}


def test_every_kind_of_problem_is_shown(document: dict[str, Any]) -> None:
    shown = {
        (int(status), code): example["value"]
        for status, response in document["components"]["responses"].items()
        for code, example in response["content"]["application/problem+json"]["examples"].items()
    }
    assert shown.keys() == {(kind.status, kind.code) for kind in KINDS}
    required = document["components"]["schemas"]["ProblemDetails"]["required"]
    assert all(example.keys() >= set(required) for example in shown.values())


def test_every_permission_is_shown(document: dict[str, Any]) -> None:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, Route):
                for method in route.methods or ():
                    operation = document["paths"][route.path_format][method.lower()]
                    assert operation["x-permission"] == permission_of(route)


def test_every_example_body_is_one(document: dict[str, Any]) -> None:
    shown = 0
    for router in ROUTERS:
        for route in router.routes:
            body = body_of(route) if isinstance(route, APIRoute) else None
            if body is None:
                continue
            assert isinstance(route, APIRoute)
            example = BODIES[route.name]
            assert checked(body.kind, json.dumps(example).encode()) is not None
            method = min(route.methods or ())
            operation = document["paths"][route.path][method.lower()]
            content = operation["requestBody"]["content"]["application/json"]
            assert content["examples"]["example"]["value"] == example
            assert content["schema"]
            shown += 1
    assert shown == len(BODIES)


def test_lists_explain_their_columns(document: dict[str, Any]) -> None:
    for name in ("BoardItem", "ReleaseItem", "TargetRow", "Step", "Entry", "Attempt"):
        properties = document["components"]["schemas"][name]["properties"]
        assert all(p.get("description") for p in properties.values()), name
