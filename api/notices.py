"""Reports of platforms beside acknowledgements: those that came, and files that a person brings."""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from deadwax.api.acknowledgements import AppliedView
from deadwax.api.auth import Permission
from deadwax.api.bodies import StatusReport
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.errors import UNSUPPORTED_MEDIA_TYPE
from deadwax.api.errors import Problem as Failure
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted
from deadwax.application.errors import NotFound
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem
from deadwax.domain.notice import Channel, Notice, NoticeStatus
from deadwax.domain.texts import Name
from deadwax.infrastructure.reports.files import MEDIA_TYPES
from deadwax.projections import notices
from deadwax.projections.notices import NoticeRow

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Reports of platforms"])

_READ, _WRITE = needs(Permission.DISTRIBUTIONS_READ), needs(Permission.DISTRIBUTIONS_WRITE)
_OF_TARGET = "/targets/{target_id}/reports"
_UNNAMED = Name("status file")
_FILE = {"requestBody": {"required": True, "content": {kind: {} for kind in MEDIA_TYPES}}}


async def _file(request: Request) -> tuple[bytes, str]:
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if declared not in MEDIA_TYPES:
        raise Failure(UNSUPPORTED_MEDIA_TYPE, f"Send Content-Type: {', '.join(MEDIA_TYPES)}.")
    return await request.body(), declared


class ReportAccepted(Accepted):
    """The report is stored, and will be read. `repeated` if the same bytes came before."""

    id: UUID
    repeated: bool


class ReportRehearsed(BaseModel):
    """What the report would do."""

    applied: list[AppliedView]
    problems: list[Problem] = Field(description="Its statements that nobody could place.")


class StatusApplied(Accepted, AppliedView):
    """What became of the statement."""


File = Annotated[tuple[bytes, str], Depends(_file)]


@router.post(
    _OF_TARGET,
    status_code=202,
    summary="Bring a status file",
    openapi_extra={**_WRITE, **_FILE},
)
async def bring_report(
    target_id: UUID,
    file: File,
    parts: Parts,
    response: Response,
    name: Annotated[Name, Query(description="Its file name.")] = _UNNAMED,
) -> ReportAccepted:
    """CSV, XLSX or JSON with one release a row: status, and message_id, icpn, upc, ean or grid.
    It is kept as it is and read by a worker; the same statement twice does no harm."""
    data, media_type = file
    notice, position = await run_in_threadpool(
        parts.notices.receive,
        target_id,
        Channel.FILE,
        hashlib.sha256(data).hexdigest(),
        data,
        name=str(name),
        media_type=media_type,
    )
    mark(response, position=position)
    return ReportAccepted(id=notice.id, repeated=not position, position=position)


@router.post(
    _OF_TARGET + "/rehearsal",
    summary="Try a status file",
    openapi_extra={**_READ, **_FILE},
)
async def rehearse_report(target_id: UUID, file: File, parts: Parts) -> ReportRehearsed:
    """What a status file would do. Nothing is stored."""
    reading = await run_in_threadpool(parts.notices.rehearse, target_id, Channel.FILE, *file)
    return ReportRehearsed(
        applied=[AppliedView(**vars(done)) for done in reading.applied],
        problems=list(reading.problems),
    )


@router.get(
    _OF_TARGET,
    summary="List reports",
    openapi_extra=_READ,
    dependencies=[fresh("notices")],
)
def list_reports(
    target_id: UUID,
    parts: Parts,
    status: NoticeStatus | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[NoticeRow]:
    """What came of the target's platform by webhook, mail and file, oldest first."""
    parts.targets.get(target_id)
    with read_models(parts) as connection:
        return listed(
            notices.page(
                connection,
                current_cause().tenant_id,
                target_id,
                status=status,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(
    _OF_TARGET + "/{report_id}/content",
    summary="A report as it came",
    openapi_extra=needs(Permission.MESSAGES_READ),
    dependencies=[AT_ONCE],
    response_class=Response,
    responses={200: {"description": "The bytes.", "content": {"application/octet-stream": {}}}},
)
def get_report(target_id: UUID, report_id: UUID, parts: Parts) -> Response:
    """The very bytes."""
    found = parts.catalogue.get(Notice, report_id)
    if found.target_id != target_id:
        raise NotFound("report", report_id)
    with parts.asset_store.open(found.sha256) as stored:
        return Response(
            stored.read(),
            media_type="application/octet-stream",
            headers={
                "ETag": f'"{found.sha256}"',
                "Content-Disposition": f'attachment; filename="{report_id}"',
            },
        )


@router.post(
    "/distributions/{distribution_id}/report",
    status_code=202,
    summary="State what the platform said",
    openapi_extra=_WRITE,
)
def report_status(
    distribution_id: UUID,
    said: Annotated[StatusReport, Depends(JsonBody(StatusReport))],
    parts: Parts,
    response: Response,
) -> StatusApplied:
    """What a person learned by telephone, mail or in a portal, in the platform's own word or one
    of ours: pending, accepted, live, removed, rejected."""
    applied, position = parts.notices.tell(
        distribution_id, said.status, said.evidence, said.message_id
    )
    mark(response, position=position)
    return StatusApplied(**vars(applied), position=position)
