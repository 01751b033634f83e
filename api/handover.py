"""Deliveries to platforms without a feed, which a person hands over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from fastapi.responses import StreamingResponse

from deadwax.api.auth import Permission
from deadwax.api.bodies import Words
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.instant import Instant
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.api.views import DistributionAccepted

router = APIRouter(
    prefix="/api/v1/distributions/{distribution_id}", route_class=Route, tags=["Distributions"]
)
_WRITE = needs(Permission.DISTRIBUTIONS_WRITE)


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """How, for the audit trail, and when if not now."""

    how: Words
    at: Instant | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@router.get(
    "/package",
    summary="Download what is to be handed over",
    openapi_extra=_WRITE,
    dependencies=[AT_ONCE],
    response_class=StreamingResponse,
    responses={200: {"description": "A ZIP archive.", "content": {"application/zip": {}}}},
)
def get_package(distribution_id: UUID, parts: Parts) -> Response:
    """Instructions, checksums and all files of the message, in one ZIP archive. It breaks off in
    the middle where a file of ours is found to be damaged."""
    name, chunks = parts.handover.package(distribution_id)
    return StreamingResponse(
        chunks,
        media_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@router.post(
    "/handed-over", status_code=202, summary="Say that it was handed over", openapi_extra=_WRITE
)
def confirm_handover(
    distribution_id: UUID,
    said: Annotated[HandedOver, Depends(JsonBody(HandedOver))],
    parts: Parts,
    response: Response,
) -> DistributionAccepted:
    """The platform has it now: what was laid ready counts as delivered."""
    changed, position = parts.handover.confirm(distribution_id, said.how, said.at)
    mark(response, position=position, version=changed.version)
    return DistributionAccepted.of(changed, position=position)
