"""Bulk jobs: one action on many distributions, planned, checked, carried out, reported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.bodies import NewBulk, Nothing, Reason
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.errors import NOT_CAUGHT_UP, Problem
from deadwax.api.parts import Parts
from deadwax.api.reading import Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_events import BulkStatus
from deadwax.domain.bulk_terms import BulkAction, Result
from deadwax.domain.cause import current_cause
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container
from deadwax.projections import bulk_jobs
from deadwax.projections.bulk_jobs import REPORT_COLUMNS, BulkItem, BulkRow

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Bulk jobs"])

_READ, _WRITE = needs(Permission.DISTRIBUTIONS_READ), needs(Permission.DISTRIBUTIONS_WRITE)
_ONE = "/bulk/{bulk_id}"
_ROWS_AT_ONCE = 2000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class BulkAccepted(Accepted):
    """A bulk job after a command. `allowed` are the statuses that it can move to now."""

    id: UUID
    status: BulkStatus
    allowed: list[str]
    items: int = Field(description="Distributions that it is about.")
    plan_sha256: str = Field(description="SHA-256 of the plan: a line for each, in their order.")
    version: int


@dataclass(slots=True, kw_only=True)
class BulkProgress(BulkRow):
    """A row of the list with how fast it goes."""

    rate: Annotated[float | None, "Items a second, since it runs; null while it does not."]
    estimated_completion: Annotated[datetime | None, "When it will end at that rate."]


class BulkView(BaseModel):
    """A bulk job, and where its distributions stand by now."""

    job: BulkProgress
    distributions: dict[str, int] = Field(
        description="How many of the distributions that it changed have each status now."
    )


class ReportFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"


@router.post("/bulk", status_code=202, summary="Plan a bulk job", openapi_extra=_WRITE)
def plan_bulk(
    wanted: Annotated[NewBulk, Depends(JsonBody(NewBulk))],
    parts: Parts,
    response: Response,
    _: Annotated[None, fresh("status_board", "releases")],
) -> BulkAccepted:
    """Whatever its size, answered at once; what it is about is fixed now. Workers then check each
    distribution and, once it is started, carry it out bit by bit."""
    job, position = parts.bulk.plan(
        wanted.order, wanted.selection, run_when_checked=wanted.run_when_checked
    )
    mark(response, location=f"/api/v1/bulk/{job.id}")
    return _accepted(job, position, response)


@router.post(_ONE + "/start", status_code=202, summary="Carry it out", openapi_extra=_WRITE)
def start_bulk(
    bulk_id: UUID,
    nothing: Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))],
    parts: Parts,
    response: Response,
) -> BulkAccepted:
    """Once it is checked. What is refused then is refused by itself, and reported."""
    return _accepted(*parts.bulk.start(bulk_id), response)


@router.post(_ONE + "/stop", status_code=202, summary="Stop a bulk job", openapi_extra=_WRITE)
def stop_bulk(
    bulk_id: UUID,
    why: Annotated[Reason, Depends(JsonBody(Reason))],
    parts: Parts,
    response: Response,
) -> BulkAccepted:
    """Until it is continued. What was done stays done."""
    return _accepted(*parts.bulk.stop(bulk_id, why.reason), response)


@router.post(_ONE + "/continue", status_code=202, summary="Continue", openapi_extra=_WRITE)
def continue_bulk(
    bulk_id: UUID,
    nothing: Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))],
    parts: Parts,
    response: Response,
) -> BulkAccepted:
    """Where it was stopped."""
    return _accepted(*parts.bulk.go_on(bulk_id), response)


@router.get(
    "/bulk",
    summary="The bulk jobs",
    openapi_extra=_READ,
    dependencies=[fresh("bulk_jobs")],
)
def list_bulk(
    parts: Parts,
    status: BulkStatus | None = None,
    action: BulkAction | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[BulkProgress]:
    """In the order they were asked for."""
    with read_models(parts) as connection:
        page = bulk_jobs.page(
            connection,
            current_cause().tenant_id,
            status=status,
            action=action,
            cursor=cursor,
            limit=limit,
        )
    return Listed(items=[_progress(row) for row in page.items], next=page.next_cursor)


@router.get(
    _ONE,
    summary="A bulk job and its progress",
    openapi_extra=_READ,
    dependencies=[fresh("bulk_jobs", "bulk_items", "status_board")],
)
def get_bulk(bulk_id: UUID, parts: Parts) -> BulkView:
    """What the check found, how far it is, when it will be done, and what became of its
    distributions since."""
    job, tenant_id = parts.bulk.get(bulk_id), current_cause().tenant_id
    with read_models(parts) as connection:
        row = bulk_jobs.one(connection, tenant_id, bulk_id)
        if row is None:
            raise Problem(NOT_CAUGHT_UP, f"Bulk job {job.id} is not readable yet.")
        return BulkView(
            job=_progress(row), distributions=bulk_jobs.standing(connection, tenant_id, bulk_id)
        )


@router.get(
    _ONE + "/items",
    summary="What became of each item",
    openapi_extra=_READ,
    dependencies=[fresh("bulk_items")],
)
def list_bulk_items(
    bulk_id: UUID,
    parts: Parts,
    result: Result | None = None,
    code: Name | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[BulkItem]:
    """Those that were carried out, in the order of the plan."""
    parts.bulk.get(bulk_id)
    with read_models(parts) as connection:
        return listed(
            bulk_jobs.items(
                connection,
                current_cause().tenant_id,
                bulk_id,
                result=result,
                code=code,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(
    _ONE + "/report",
    summary="The report as a file",
    openapi_extra=_READ,
    dependencies=[fresh("bulk_items", "status_board", "releases", "targets")],
    response_class=Response,
    responses={
        200: {
            "description": "A line for each item that was carried out.",
            "content": {"text/csv": {}, "application/jsonl": {}},
        }
    },
)
def get_bulk_report(bulk_id: UUID, parts: Parts, format: ReportFormat) -> Response:
    """With title, platform and present status; text that a spreadsheet would take for a formula
    has an apostrophe before it."""
    parts.bulk.get(bulk_id)
    write, kind = _FORMATS[format]
    name = f"bulk-{bulk_id}.{format}"
    return StreamingResponse(
        write(_rows(parts, current_cause().tenant_id, bulk_id)),
        media_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


Row = tuple[Any, ...]


def _rows(parts: Container, tenant_id: UUID, bulk_id: UUID) -> Iterator[list[Row]]:
    """Some at a time: no report is held in memory, no connection while the other side reads."""
    last = 0
    while True:
        with parts.pool.connection() as connection:
            rows = bulk_jobs.report(connection, tenant_id, bulk_id, last, _ROWS_AT_ONCE)
        if not rows:
            return
        yield rows
        last = rows[-1][0]


def _csv(some: Iterator[list[Row]]) -> Iterator[bytes]:
    yield _lines([REPORT_COLUMNS])
    for rows in some:
        yield _lines([tuple(map(_cell, row)) for row in rows])


def _lines(rows: list[Row]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _jsonl(some: Iterator[list[Row]]) -> Iterator[bytes]:
    for rows in some:
        yield b"".join(
            orjson.dumps(dict(zip(REPORT_COLUMNS, row, strict=True))) + b"\n" for row in rows
        )


_FORMATS: dict[ReportFormat, tuple[Callable[[Iterator[list[Row]]], Iterator[bytes]], str]] = {
    ReportFormat.CSV: (_csv, "text/csv; charset=utf-8"),
    ReportFormat.JSONL: (_jsonl, "application/jsonl"),
}


def _progress(row: BulkRow) -> BulkProgress:
    rate = ends = None
    if row.status == BulkStatus.RUNNING and row.running_since:
        seconds = (row.updated_at - row.running_since).total_seconds()
        carried_out = row.processed - row.processed_before
        if seconds > 0 and carried_out:
            rate = round(carried_out / seconds, 1)
            left = (row.items - row.processed) * seconds / carried_out
            ends = row.updated_at + timedelta(seconds=round(left))
    return BulkProgress(**asdict(row), rate=rate, estimated_completion=ends)


def _accepted(job: BulkJob, position: int, response: Response) -> BulkAccepted:
    mark(response, position=position, version=job.version)
    return BulkAccepted(
        id=job.id,
        status=job.status,
        allowed=job.allowed,
        items=job.plan.items,
        plan_sha256=str(job.plan.sha256),
        version=job.version,
        position=position,
    )
