"""What platforms say of messages: sent in by HTTP, and what could not be placed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.conditional import mark
from deadwax.api.errors import UNSUPPORTED_MEDIA_TYPE
from deadwax.api.errors import Problem as Failure
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted
from deadwax.application.errors import NotFound
from deadwax.application.follow_up import Receipt
from deadwax.application.messages import Outcome
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem
from deadwax.domain.kept_acknowledgement import KeptAcknowledgement
from deadwax.projections import kept_acknowledgements
from deadwax.projections.kept_acknowledgements import KeptRow

router = APIRouter(
    prefix="/api/v1/targets/{target_id}/acknowledgements",
    route_class=Route,
    tags=["Acknowledgements"],
)

_XML = ("application/xml", "text/xml")
XML_BODY = {"requestBody": {"required": True, "content": {_XML[0]: {}}}}


async def _xml(request: Request) -> bytes:
    declared = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if declared not in _XML:
        raise Failure(UNSUPPORTED_MEDIA_TYPE, f"Send Content-Type: {_XML[0]}.")
    return await request.body()


Xml = Annotated[bytes, Depends(_xml)]
"""The body, which has to call itself XML."""


class AppliedView(BaseModel):
    """One statement of an acknowledgement, and the message that it is about."""

    distribution_id: UUID
    message_id: str
    outcome: Outcome
    status: str = Field(description="The platform's own words.")


class AcknowledgementTaken(Accepted):
    """What became of it: applied to distributions, or kept because it matches nothing."""

    applied: list[AppliedView]
    kept: UUID | None = Field(description="Its id in the list of those kept, if it is there.")
    problems: list[Problem] = Field(description="Why it was kept.")

    @classmethod
    def of(cls, receipt: Receipt) -> AcknowledgementTaken:
        return cls(
            applied=[AppliedView(**vars(applied)) for applied in receipt.applied],
            kept=receipt.kept,
            problems=list(receipt.problems),
            position=receipt.position,
        )


@router.post(
    "",
    status_code=202,
    summary="Send in an acknowledgement",
    openapi_extra={**needs(Permission.DISTRIBUTIONS_WRITE), **XML_BODY},
)
async def receive_acknowledgement(
    target_id: UUID, data: Xml, parts: Parts, response: Response
) -> AcknowledgementTaken:
    """The XML of a DDEX acknowledgement of any version, as if it had been read from the target.
    Twice does no harm. 422 if it cannot be read; 409 `not_yet` while a delivery is under way."""
    receipt = await run_in_threadpool(parts.follow_up.receive, target_id, data)
    mark(response, position=receipt.position)
    return AcknowledgementTaken.of(receipt)


@router.get(
    "",
    summary="List acknowledgements that match nothing",
    openapi_extra=needs(Permission.DISTRIBUTIONS_READ),
    dependencies=[fresh("kept_acknowledgements")],
)
def list_acknowledgements(
    target_id: UUID, parts: Parts, cursor: Cursor = None, limit: Limit = 50
) -> Listed[KeptRow]:
    """Those that could not be read or placed, and why, oldest first."""
    parts.targets.get(target_id)
    with read_models(parts) as connection:
        tenant_id = current_cause().tenant_id
        return listed(
            kept_acknowledgements.page(connection, tenant_id, target_id, cursor=cursor, limit=limit)
        )


@router.get(
    "/{acknowledgement_id}/xml",
    summary="An acknowledgement that matches nothing, as it came",
    openapi_extra=needs(Permission.MESSAGES_READ),
    dependencies=[AT_ONCE],
    response_class=Response,
    responses={200: {"description": "The bytes.", "content": {"application/octet-stream": {}}}},
)
def get_acknowledgement_xml(target_id: UUID, acknowledgement_id: UUID, parts: Parts) -> Response:
    """The very bytes, which may be no XML at all."""
    found = parts.catalogue.get(KeptAcknowledgement, acknowledgement_id)
    if found.target_id != target_id or not found.sha256:
        raise NotFound("acknowledgement", acknowledgement_id)
    with parts.asset_store.open(found.sha256) as file:
        return Response(
            file.read(),
            media_type="application/octet-stream",
            headers={
                "ETag": f'"{found.sha256}"',
                "Content-Disposition": f'attachment; filename="{acknowledgement_id}.xml"',
            },
        )
