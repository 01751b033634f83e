"""No body that is wrong in any place is taken, and nothing is stored of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.api.caller import Caller, done, refused

from deadwax.api.app import ROUTERS
from deadwax.api.examples import BODIES, SCHEDULE
from deadwax.api.openapi import body_of

Place = tuple[str | int, ...]
ROUTES = {
    route.name: route
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and body_of(route)
}
WRONG: tuple[Any, ...] = ([{"unexpected": "object"}], {"unexpected": {}}, "\x00")


@pytest.fixture
def sender(admin: Caller, operator: Caller) -> Callable[[str, bytes], Any]:
    """Sends a body to an operation; addresses lead to a real release and a real target."""
    ids = {"release_id": admin.draft()["id"], "target_id": admin.target()["id"]}
    ids["schedule_id"] = done(admin.post("/schedules", SCHEDULE))["id"]
    places = {"disc": "1", "number": "1"}

    def send(name: str, body: bytes) -> Any:
        route = ROUTES[name]
        path = re.sub(
            r"\{(\w+)\}",
            lambda m: {**ids, **places}.get(m[1], str(uuid4())),
            route.path.removeprefix("/api/v1"),
        )
        caller = operator if name in ("register_tenant", "pause_tenant", "resume_tenant") else admin
        method = min(route.methods or ())
        return caller.ask(method, path, content=body, headers={"Content-Type": "application/json"})

    return send


def _places(document: Any, at: Place = ()) -> Iterator[Place]:
    """Every place in a JSON document, the document itself first."""
    yield at
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _places(value, (*at, key))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from _places(value, (*at, index))


def _with(document: Any, at: Place, value: Any) -> Any:
    if not at:
        return value
    changed = json.loads(json.dumps(document))  # no part of it shared
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


def _at(document: Any, place: Place) -> Any:
    for key in place:
        document = document[key]
    return document


def _path(place: Place) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).removeprefix(".")


def test_there_is_an_example_for_every_body() -> None:
    assert ROUTES.keys() == BODIES.keys()


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_wrong_value_at_any_place_is_named_and_nothing_is_stored(
    sender: Callable[[str, bytes], Any], count_events: Callable[[], int], name: str
) -> None:
    before, tried = count_events(), 0
    for place in _places(BODIES[name]):
        for wrong in WRONG:
            sent = _with(BODIES[name], place, wrong)
            body = refused_for_its_values(sender(name, json.dumps(sent).encode()))
            if place:
                fields = [e["field"] for e in body["errors"]]
                assert any(f.startswith(_path(place)) for f in fields), (place, wrong, fields)
            tried += 1
    assert tried >= 3
    assert count_events() == before


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_an_unknown_field_in_any_object_is_named_and_nothing_is_stored(
    sender: Callable[[str, bytes], Any], count_events: Callable[[], int], name: str
) -> None:
    before, tried = count_events(), 0
    for place in _places(BODIES[name]):
        if isinstance(_at(BODIES[name], place), dict):
            sent = _with(BODIES[name], (*place, "nonsense"), 1)
            body = refused(sender(name, json.dumps(sent).encode()), 422, "unknown_field")
            assert [e["field"] for e in body["errors"]] == [_path((*place, "nonsense"))]
            tried += 1
    assert tried >= 1
    assert count_events() == before


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=8) | st.sampled_from(["title", "tracks"]), inner)
    ),
    max_leaves=12,
)


@hypothesis_settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(
    name=st.sampled_from(sorted(ROUTES.keys() - {"check_connection"})),
    body=_JSON.map(lambda v: json.dumps(v).encode()) | st.binary(max_size=200),
)
def test_no_body_breaks_the_api(
    sender: Callable[[str, bytes], Any], name: str, body: bytes
) -> None:
    response = sender(name, body)
    assert response.status_code < 500, (name, body, response.text)
    if not response.is_success:
        refused(response, response.status_code, response.json()["code"])


def refused_for_its_values(response: Any) -> dict[str, Any]:
    code = response.json().get("code")
    assert code in ("invalid_request", "unknown_field"), response.text
    return refused(response, 422, code)
