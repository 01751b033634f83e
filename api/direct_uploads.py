"""Uploads straight to the bucket where assets are kept, by signed addresses; and what became of
any upload."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.errors import NOT_IN_A_BUCKET, Problem
from deadwax.api.parts import Parts
from deadwax.api.route import SecretRoute, needs
from deadwax.application.direct_uploads import DirectUploads, SentPart
from deadwax.application.uploads import Upload, UploadState, Way
from deadwax.domain.errors import InvalidValue
from deadwax.domain.errors import Problem as Wrong
from deadwax.domain.identifiers import Sha256
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container

router = APIRouter(prefix="/api/v1/uploads", route_class=SecretRoute, tags=["Uploads"])
_WRITE = needs(Permission.ASSETS_WRITE)


@dataclass(frozen=True, kw_only=True)
class NewUpload:
    """A file that is to come: its size in bytes, and the SHA-256 that it has to have."""

    filename: Name
    size: int
    sha256: Sha256
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.size < 1:
            raise InvalidValue("size_invalid", "A file has a byte at least.", "Give its size.")


@dataclass(frozen=True, kw_only=True)
class PartSaid:
    """A part, with the ETag that the answer to its PUT said, with or without quotes."""

    number: Annotated[int, Field(ge=1, le=1000)]
    etag: Annotated[str, Field(pattern=r'^"?[\x21\x23-\x7e]{1,200}"?$')]
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class PartsSaid:
    """All parts."""

    parts: list[PartSaid]
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


class PartView(BaseModel):
    """A part of an upload: `url` is where to PUT it, null for one that is there; then with `etag`
    and `size`."""

    number: int
    url: str | None = None
    etag: str | None = None
    size: int | None = None


class UploadView(BaseModel):
    """An upload. `asset` is the SHA-256 of what became of it; `problems` why it was refused."""

    id: UUID
    way: Way
    state: UploadState
    filename: str
    size: int
    sha256: str | None = Field(description="As it was stated.")
    part_size: int | None = Field(description="Of all parts but the last; null for tus.")
    parts: list[PartView]
    asset: str | None
    position: int | None = Field(description="Log position of the asset, for ?after=.")
    problems: list[Wrong]
    expires_at: datetime = Field(description="Then it is deleted, unless it is an asset.")

    @classmethod
    def of(cls, upload: Upload, sent: list[SentPart], links: dict[int, str]) -> Self:
        parts = [PartView(number=p.number, etag=p.etag, size=p.size) for p in sent]
        parts += [PartView(number=number, url=url) for number, url in links.items()]
        return cls(
            **{name: getattr(upload, name) for name in cls.model_fields if name != "parts"},
            parts=sorted(parts, key=lambda part: part.number),
        )


@router.post("", status_code=201, summary="Begin an upload to the bucket", openapi_extra=_WRITE)
def begin_upload(
    new: Annotated[NewUpload, Depends(JsonBody(NewUpload))], parts: Parts, response: Response
) -> UploadView:
    """PUT each part to its `url`, in any order and side by side, and keep the ETags. 409
    `store_is_no_bucket` where assets are in a folder: upload by tus then."""
    direct = _direct(parts)
    upload = direct.begin(new.filename, new.size, new.sha256)
    mark(response, location=f"/api/v1/uploads/{upload.id}")
    return UploadView.of(upload, [], direct.links(upload, []))


@router.get("/{upload_id}", summary="What became of an upload", openapi_extra=_WRITE)
def get_upload(upload_id: UUID, parts: Parts) -> UploadView:
    """Of either way. While it is received, the parts that are there, and new addresses for those
    that are not."""
    upload = parts.uploads.get(upload_id)
    if upload.way is Way.TUS:
        return UploadView.of(upload, [], {})
    return _shown(_direct(parts), upload)


@router.post(
    "/{upload_id}/complete",
    status_code=202,
    summary="Say that all parts are there",
    openapi_extra=_WRITE,
)
def complete_upload(
    upload_id: UUID,
    said: Annotated[PartsSaid, Depends(JsonBody(PartsSaid))],
    parts: Parts,
    response: Response,
) -> UploadView:
    """A worker reads it back: look until it is `stored` or `refused`. Refused where parts are
    missing or others: then it goes on."""
    etags = {part.number: part.etag.strip('"') for part in said.parts}
    direct = _direct(parts)
    upload = direct.complete(upload_id, etags)
    mark(response, location=f"/api/v1/uploads/{upload_id}")
    return _shown(direct, upload)


@router.delete("/{upload_id}", status_code=204, summary="Give an upload up", openapi_extra=_WRITE)
def abandon_upload(upload_id: UUID, parts: Parts) -> None:
    """With all that was received of it. What became an asset stays one."""
    if parts.uploads.get(upload_id).way is Way.TUS:
        parts.tus.terminate(upload_id)
    else:
        _direct(parts).abandon(upload_id)


def _shown(direct: DirectUploads, upload: Upload) -> UploadView:
    sent = direct.sent(upload)
    return UploadView.of(upload, sent, direct.links(upload, sent))


def _direct(parts: Container) -> DirectUploads:
    if parts.direct_uploads is None:
        raise Problem(NOT_IN_A_BUCKET)
    return parts.direct_uploads
