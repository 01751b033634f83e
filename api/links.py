"""Files for whoever has a link to them, platforms and people: the link is the key."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Path, Request, Response

from deadwax.api.errors import LINK_EXPIRED, LINK_INVALID, Problem
from deadwax.api.parts import Parts
from deadwax.api.ranges import FileSlice, wanted
from deadwax.api.unchanged import is_unchanged
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.links import Linked, LinkRefused
from deadwax.infrastructure.media_types import media_type

router = APIRouter(prefix="/files", tags=["Linked files"])

_log = structlog.get_logger()
_BYTES = {
    200: {"description": "The bytes.", "content": {"application/octet-stream": {}}},
    206: {"description": "The range that was asked for.", "content": {}},
}

Token = Annotated[str, Path(description="As it is in the link.")]


@router.get(
    "/{token}/{name}",
    summary="Fetch a file by its link",
    response_class=Response,
    responses=_BYTES,  # type: ignore[arg-type]
)
def get_linked_file(token: Token, name: str, parts: Parts, request: Request) -> Response:
    """The bytes, in whole or as one range, without an API key. The ETag is their SHA-256. 403
    `link_invalid` for what is no link of ours, 410 `link_expired` for one whose time is over."""
    linked = _linked(parts, token, name)
    headers = _headers(linked)
    if is_unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    part = wanted(request, linked.size, headers["ETag"])
    stored = parts.asset_store.open(linked.sha256)
    noting = partial(_note, parts, linked, part.first)
    return FileSlice(stored, part, noting, headers=headers, media_type=media_type(linked.path))


@router.head("/{token}/{name}", summary="What a linked file is", response_class=Response)
def head_linked_file(token: Token, name: str, parts: Parts) -> Response:
    """Its size, type and hash, without the bytes."""
    linked = _linked(parts, token, name)
    size = {"Content-Length": str(linked.size), "Accept-Ranges": "bytes"}
    return Response(headers=_headers(linked) | size, media_type=media_type(linked.path))


def _linked(parts: Container, token: str, name: str) -> Linked:
    try:
        linked = parts.links.read(token)
    except LinkRefused as refused:
        raise Problem(LINK_EXPIRED if refused.expired else LINK_INVALID) from None
    if linked.name != name:
        raise Problem(LINK_INVALID)
    return linked


def _headers(linked: Linked) -> dict[str, str]:
    headers = {"ETag": f'"{linked.sha256}"', "Cache-Control": "private, no-store"}
    if linked.download:
        name = quote(linked.path, "")
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return headers


def _note(parts: Container, linked: Linked, first: int, count: int) -> None:
    """What went of a delivery is remembered as with platforms that pull; a line says when a file
    went whole."""
    whole = {linked.path} if count == linked.size else set()
    if not linked.download:
        package = f"{linked.tenant_id}/{linked.path.partition('/')[0]}"
        whole = parts.fetches.add(package, linked.path, linked.size, first, first + count)
    _log.info(
        "linked_file_served",
        tenant=str(linked.tenant_id),
        path=linked.path,
        bytes=count,
        whole=linked.path in whole,
    )
