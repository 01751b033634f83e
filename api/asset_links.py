"""Signed, expiring addresses of files, for those who have no key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import AfterValidator, BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.parts import Parts
from deadwax.api.route import SecretRoute, needs
from deadwax.application.errors import NotFound
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Sha256

router = APIRouter(prefix="/api/v1/assets/{sha256}", route_class=SecretRoute, tags=["Assets"])
_WRITE = needs(Permission.ASSETS_WRITE)
_LONGEST = 7 * 86_400
"""What S3 signs for at most."""


def _within(seconds: int) -> int:
    if not 1 <= seconds <= _LONGEST:
        raise InvalidValue(
            "link_seconds_invalid",
            f"A link is good for 1 to {_LONGEST} seconds, not {seconds}.",
            "Give a number within.",
        )
    return seconds


@dataclass(frozen=True, kw_only=True)
class NewLink:
    """For how long it is good, in seconds: at most a week."""

    seconds: Annotated[int, AfterValidator(_within)] = 3600
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


class LinkView(BaseModel):
    """`url` is shown this once: whoever has it can fetch the file until `expires_at`."""

    url: str
    expires_at: datetime
    position: int = Field(description="Log position of the note that it was made.")


Asked = Annotated[NewLink, Depends(JsonBody(NewLink, optional=True))]


@router.post("/links", status_code=201, summary="Make a link to a file", openapi_extra=_WRITE)
def link_asset(
    sha256: Sha256, asked: Asked, parts: Parts, request: Request, response: Response
) -> LinkView:
    """For people and programs without a key; ranges are served. That it was made, by whom and
    until when stands in the audit trail; the link does not."""
    url, until, position = parts.asset_links.make(sha256, _base(request), asked.seconds)
    mark(response, position=position)
    return LinkView(url=url, expires_at=until, position=position)


@router.post(
    "/renditions/{rendition_id}/links",
    status_code=201,
    summary="Make a link to a rendition",
    openapi_extra=_WRITE,
)
def link_rendition(
    sha256: Sha256,
    rendition_id: UUID,
    asked: Asked,
    parts: Parts,
    request: Request,
    response: Response,
) -> LinkView:
    """As for a file; 404 until it is made."""
    made = parts.rendition_orders.get(sha256, rendition_id).rendition
    if made is None:
        raise NotFound("rendition", rendition_id)
    url, until, position = parts.asset_links.make(sha256, _base(request), asked.seconds, made.facts)
    mark(response, position=position)
    return LinkView(url=url, expires_at=until, position=position)


def _base(request: Request) -> str:
    """The API as the caller reached it."""
    return str(request.base_url).rstrip("/")
