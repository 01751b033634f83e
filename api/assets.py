"""Audio and artwork: uploaded as they are, measured, and known by their SHA-256."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, BinaryIO
from urllib.parse import quote

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from deadwax.api.auth import Permission
from deadwax.api.conditional import mark
from deadwax.api.digests import ExpectedSha256, repr_digest
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, UploadRoute, needs
from deadwax.api.uploads import blocks
from deadwax.api.views import AssetAccepted
from deadwax.domain.assets import AssetFacts
from deadwax.domain.identifiers import Sha256
from deadwax.domain.texts import Name

_TAGS = ["Assets"]
router = APIRouter(prefix="/api/v1/assets", route_class=Route, tags=list(_TAGS))
uploads = APIRouter(prefix="/api/v1/assets", route_class=UploadRoute, tags=list(_TAGS))

_READ = needs(Permission.ASSETS_READ)
_BLOCK = 1 << 20


@uploads.post(
    "",
    status_code=201,
    summary="Upload a file",
    openapi_extra={
        **needs(Permission.ASSETS_WRITE),
        "requestBody": {
            "required": True,
            "description": "The bytes of the file.",
            "content": {"application/octet-stream": {}},
        },
    },
)
async def upload_asset(
    request: Request,
    filename: Annotated[Name, Query(description="What the label calls the file.")],
    expected: ExpectedSha256,
    parts: Parts,
    response: Response,
) -> AssetAccepted:
    """The body is the file. It is streamed to the store, checked against the stated hash and
    measured; 200 and position 0 if the tenant has it already."""
    slow: CapacityLimiter = request.app.state.slow
    facts, position = await to_thread.run_sync(
        parts.assets.ingest, blocks(request, _BLOCK), filename, expected, limiter=slow
    )
    if not position:
        response.status_code = 200
    mark(response, position=position, location=f"/api/v1/assets/{facts.sha256}")
    return AssetAccepted(**vars(facts), position=position)


@router.get("/{sha256}", summary="What a file is", openapi_extra=_READ, dependencies=[AT_ONCE])
def get_asset(sha256: Sha256, parts: Parts) -> AssetFacts:
    """What was measured of its bytes when it was uploaded."""
    return parts.assets.get(sha256)


@router.get(
    "/{sha256}/content",
    summary="Download a file",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
    response_class=StreamingResponse,
    responses={200: {"description": "The bytes.", "content": {"application/octet-stream": {}}}},
)
def get_asset_content(sha256: Sha256, parts: Parts) -> Response:
    """The bytes as they were uploaded."""
    facts = parts.assets.get(sha256)
    return StreamingResponse(
        _read(parts.asset_store.open(facts.sha256)),
        media_type="application/octet-stream",
        headers={
            "Content-Length": str(facts.size),
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(facts.filename, '')}",
            "Repr-Digest": repr_digest(facts.sha256),
            "ETag": f'"{facts.sha256}"',
        },
    )


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while block := file.read(_BLOCK):
            yield block
