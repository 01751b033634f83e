"""The OpenAPI document: what FastAPI cannot know is added from the code that decides it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute
from pydantic import TypeAdapter

from deadwax.api.board import BoardItem
from deadwax.api.body import JsonBody, adapter
from deadwax.api.bulk import BulkProgress
from deadwax.api.errors import KINDS, MEDIA_TYPE, Kind
from deadwax.api.examples import BODIES, CORRELATION_ID
from deadwax.api.failures import Failure
from deadwax.api.releases import ReleaseItem
from deadwax.api.repeats import KEY
from deadwax.api.route import Route
from deadwax.projections.audit_trail import Entry
from deadwax.projections.bulk_jobs import BulkItem
from deadwax.projections.date_warnings import WarningRow
from deadwax.projections.delivery_log import Attempt
from deadwax.projections.failures import FailureCount, TenantFailures
from deadwax.projections.notices import NoticeRow
from deadwax.projections.renditions import RenditionRow
from deadwax.projections.schedules import ScheduleRow
from deadwax.projections.targets import TargetRow
from deadwax.projections.timeline import Step

DESCRIPTION = """\
Music distribution: releases in, DDEX deliveries out, evidence kept.

Send `Authorization: Bearer <API key>` with every request. Commands answer with the log position
of what they stored (`Deadwax-Position`); reads take it as `?after=` and wait for it. Every error
is a problem (RFC 9457) with a stable `code`. `X-Correlation-Id` may be sent and is answered, and
stands in every event and log line that follows from the request.
"""

TAGS = [
    {"name": "Tenant", "description": "Who distributes: tenants, their labels, their keys."},
    {"name": "Releases", "description": "What is distributed, from draft to approved."},
    {"name": "Codes", "description": "ISRCs and barcodes from the tenant's own ranges."},
    {"name": "Assets", "description": "Audio and artwork, by their SHA-256."},
    {"name": "Uploads", "description": "Large files: resumable (tus 1.0), or to the bucket."},
    {"name": "Renditions", "description": "Audio and artwork in another form."},
    {"name": "Delivery targets", "description": "Where it is distributed to."},
    {"name": "Acknowledgements", "description": "What platforms say of what they were sent."},
    {"name": "Reports of platforms", "description": "Webhooks, mails, status files, and words."},
    {"name": "DDEX web service", "description": "For platforms that pull: a key of their own."},
    {"name": "Linked files", "description": "For platforms that were sent links: no key."},
    {"name": "Flow", "description": "What is held back, and how much waits."},
    {"name": "Distributions", "description": "One release on one target, each with a state."},
    {"name": "Bulk jobs", "description": "One action on many distributions."},
    {"name": "Failures", "description": "What went wrong and is not overcome."},
    {"name": "Schedules", "description": "What is done at a time, and which dates are kept."},
    {"name": "Status", "description": "Where everything stands."},
    {"name": "History", "description": "What happened, with the evidence."},
    {"name": "System", "description": "How the installation is."},
    {"name": "Health", "description": "For load balancers."},
]

_ROWS = (
    ReleaseItem,
    TargetRow,
    NoticeRow,
    RenditionRow,
    ScheduleRow,
    WarningRow,
    BoardItem,
    Step,
    Entry,
    Attempt,
    BulkProgress,
    BulkItem,
    Failure,
    FailureCount,
    TenantFailures,
)
_REF = "#/components/schemas/{model}"
_CHANGING = {"POST", "PUT", "PATCH", "DELETE"}
_POSITION = {
    "Deadwax-Position": {
        "description": "Log position of the command's last event, for ?after=.",
        "schema": {"type": "integer"},
    }
}
_IDEMPOTENCY = {
    "name": KEY,
    "in": "header",
    "required": False,
    "description": "Sent again with the same key within 24 hours, the same request is answered"
    " as before and not run again.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_PROBLEM = {
    "title": "ProblemDetails",
    "type": "object",
    "description": "Why a request was not done (RFC 9457). Some kinds have more members.",
    "required": ["type", "title", "status", "code", "detail", "errors", "correlation_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted(kind.code for kind in KINDS)},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Problem"}},
        "correlation_id": {"type": "string"},
        "allowed": {
            "type": "array",
            "items": {"type": "string"},
            "description": "illegal_transition: the statuses that it can move to now.",
        },
        "category": {
            "type": "string",
            "description": "delivery_failed: the category of the failure.",
        },
    },
}


def install(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let `app` show the document at /openapi.json, made once."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, [r for x in routers for r in x.routes])  # type: ignore[misc]
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI, routes: Sequence[APIRoute]) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=TAGS,
        separate_input_output_schemas=False,
    )
    components = document["components"]
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    components["responses"] = {str(s): _response(s) for s in sorted({k.status for k in KINDS})}
    schemas = components["schemas"]
    schemas["ProblemDetails"] = _PROBLEM
    bodies = _body_schemas(routes, schemas)
    for route in routes:
        for method in route.methods or ():
            operation = document["paths"][route.path_format][method.lower()]
            _describe(operation, route, method, bodies)
    for row in _ROWS:
        _comment(schemas[row.__name__], row)
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    return document


def _describe(
    operation: dict[str, Any], route: APIRoute, method: str, bodies: dict[type, dict[str, Any]]
) -> None:
    body = body_of(route)
    if body:
        operation["requestBody"] = {
            "required": not body.optional,
            "content": {
                "application/json": {
                    "schema": bodies[body.shown_as],
                    "examples": {"example": {"value": BODIES[route.name]}},
                }
            },
        }
    if isinstance(route, Route):
        operation["security"] = [{"key": []}]
    if isinstance(route, Route) and method == "POST" and route.takes_key:
        operation.setdefault("parameters", []).append(_IDEMPOTENCY)
    if isinstance(route, Route) and method in _CHANGING:
        for status, response in operation["responses"].items():
            if status in ("201", "202"):
                response["headers"] = _POSITION
    for status in sorted(_statuses(operation, route, method)):
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{status}"}


def _statuses(operation: dict[str, Any], route: APIRoute, method: str) -> Iterator[int]:
    """Which problems an operation can answer with, besides 404 and 405 of the address."""
    yield 503
    if not isinstance(route, Route):
        yield from (422,) if "422" in operation["responses"] else ()
        return
    yield from (401, 403, 500, *route.refusals)
    places = {(p["in"], p["name"].lower()) for p in operation.get("parameters", [])}
    if "requestBody" in operation:
        yield from (408, 413)
    if places or "requestBody" in operation:
        yield 422
    if body_of(route):
        yield 400
    if body_of(route) or "application/xml" in operation.get("requestBody", {}).get("content", {}):
        yield 415
    if any(place == "path" for place, _ in places) or route.path.endswith("/tenant"):
        yield 404
    if ("path", "path") in places and method == "GET":
        yield 416
    if ("header", "if-match") in places:
        yield 412
    if method in _CHANGING:
        yield 409
    if route.path.endswith("/test"):
        yield 502


def body_of(route: APIRoute) -> JsonBody[Any] | None:
    """The JSON body that an operation takes, if it takes one."""
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return next((call for call in calls if isinstance(call, JsonBody)), None)


def _body_schemas(
    routes: Sequence[APIRoute], schemas: dict[str, Any]
) -> dict[type, dict[str, Any]]:
    """The schema of each kind of body, with what it refers to added to `schemas`."""
    kinds = list({body.shown_as: None for body in map(body_of, routes) if body})
    made, shared = TypeAdapter.json_schemas(
        [(kind, "validation", adapter(kind)) for kind in kinds], ref_template=_REF
    )
    schemas.update(shared.get("$defs", {}))
    return {kind: made[kind, "validation"] for kind in kinds}


def _comment(schema: dict[str, Any], row: type) -> None:
    """The comments of a read model's columns."""
    hints = get_type_hints(row, include_extras=True)
    for field in fields(row):
        schema["properties"][field.name]["description"] = get_args(hints[field.name])[1]


def _response(status: int) -> dict[str, Any]:
    kinds = [kind for kind in KINDS if kind.status == status]
    return {
        "description": "; ".join(kind.title for kind in kinds) + ".",
        "content": {
            MEDIA_TYPE: {
                "schema": {"$ref": "#/components/schemas/ProblemDetails"},
                "examples": {kind.code: {"value": _example(kind)} for kind in kinds},
            }
        },
    }


def _example(kind: Kind) -> dict[str, Any]:
    return {
        "type": f"urn:deadwax:problem:{kind.code}",
        "title": kind.title,
        "status": kind.status,
        "code": kind.code,
        "detail": kind.detail or kind.title,
        "errors": [],
        "correlation_id": CORRELATION_ID,
    }
