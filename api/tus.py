"""Resumable uploads by tus 1.0 (tus.io/protocols/resumable-upload), so that its clients work."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, TypeVar
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.datastructures import MutableHeaders
from starlette.types import Message, Receive, Scope, Send

from deadwax.api.auth import Permission
from deadwax.api.errors import METHOD_NOT_ALLOWED, TUS_VERSION, Problem
from deadwax.api.parts import Parts
from deadwax.api.route import UploadRoute, needs
from deadwax.api.silence import Senders
from deadwax.api.tus_headers import (
    ALGORITHMS,
    EXTENSIONS,
    MEDIA_TYPE,
    PATH,
    VERSION,
    bad,
    check_media_type,
    checksum,
    concat,
    described,
    location,
    named,
    number,
    sends_bytes,
    told,
)
from deadwax.api.uploads import blocks
from deadwax.application.tus_uploads import Progress
from deadwax.application.uploads import Upload
from deadwax.infrastructure.container import Container

T = TypeVar("T")

_BLOCK = 256 * 1024
"""What is lost at most of what had arrived, where a process is killed or a client goes away."""
_WRITE = needs(Permission.ASSETS_WRITE)
_BYTES: dict[str, Any] = {
    "requestBody": {"description": "Bytes of the file.", "content": {MEDIA_TYPE: {}}}
}


class TusRoute(UploadRoute):
    """Every answer says which version is spoken, also a refusal."""

    refusals = (400, 404, 410, 412, 413, 415, 422, 423, 460, 507)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Tus-Resumable"] = VERSION
            await send(message)

        await super().handle(scope, receive, marked)

    def expect(self, request: Request) -> None:
        if request.headers.get("Tus-Resumable") != VERSION:
            raise Problem(TUS_VERSION, headers={"Tus-Version": VERSION})


router = APIRouter(prefix=PATH, route_class=TusRoute, tags=["Uploads"])
abilities = APIRouter(prefix=PATH, include_in_schema=False)

_Text = str | None
Length = Annotated[_Text, Header(alias="Upload-Length", description="Bytes of the whole file.")]
Offset = Annotated[_Text, Header(alias="Upload-Offset", description="Bytes that are there.")]
Metadata = Annotated[
    _Text,
    Header(
        alias="Upload-Metadata",
        description="`filename`, and `sha256` in hexadecimal digits, each with its base64.",
        examples=["filename MDEud2F2"],
    ),
]
ConcatText = Annotated[
    _Text,
    Header(alias="Upload-Concat", description="`partial`, or `final;` and addresses of those."),
]
ChecksumText = Annotated[
    _Text,
    Header(alias="Upload-Checksum", description="Of this request: sha1 or sha256, and base64."),
]
Override = Annotated[
    _Text,
    Header(alias="X-HTTP-Method-Override", description="PATCH or DELETE."),
]


@abilities.options("")
@abilities.options("/{upload_id}")
async def get_abilities(parts: Parts) -> Response:
    """What of tus is spoken. Needs no key."""
    headers = {
        "Tus-Resumable": VERSION,
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(parts.tus.most),
        "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
    }
    return Response(status_code=204, headers=headers)


@router.post(
    "",
    status_code=201,
    summary="Begin a resumable upload",
    openapi_extra=_WRITE | _BYTES,
    response_class=PlainTextResponse,
)
async def create_upload(
    request: Request,
    parts: Parts,
    length: Length = None,
    metadata: Metadata = None,
    concatenated: ConcatText = None,
    checksum_text: ChecksumText = None,
) -> Response:
    """`Location` is the upload's address. The body may hold its first bytes, or all. With
    `Upload-Concat: final;…` it is put together from partial uploads, and stored."""
    said = concat(request)
    file = named(request, partial=said.partial)
    if said.parts:
        if "Upload-Length" in request.headers:
            raise bad("Upload-Length", "A final upload has none.", "Leave it out.")
        run = partial(parts.tus.concatenate, said.parts, file.filename, file.sha256, file.sent)
        upload = await _slow(request, run)
        return _made(Progress(upload, upload.size, upload.expires_at))
    if "Upload-Defer-Length" in request.headers:
        raise bad("Upload-Defer-Length", "The length has to be known.", "Send Upload-Length.")
    size = number(request, "Upload-Length")
    summing = checksum(request)
    upload = await _slow(
        request,
        partial(
            parts.tus.create, size, file.filename, file.sha256, file.sent, partial=said.partial
        ),
    )
    if not sends_bytes(request) and size:
        return _made(Progress(upload, 0, upload.expires_at))
    body = blocks(request, _BLOCK)
    return _made(await _slow(request, partial(parts.tus.append, upload.id, 0, body, summing)))


@router.head(
    "/{upload_id}",
    summary="How far an upload is",
    openapi_extra=_WRITE,
    response_class=PlainTextResponse,
)
async def head_upload(upload_id: UUID, request: Request, parts: Parts) -> Response:
    """`Upload-Offset`: how many bytes are on the disk. `Deadwax-Asset`, once it is an asset."""
    progress = await _slow(request, partial(parts.tus.look, upload_id))
    return Response(headers=told(progress) | described(progress.upload))


@router.patch(
    "/{upload_id}",
    status_code=204,
    summary="Go on with an upload",
    openapi_extra=_WRITE | _BYTES,
    response_class=Response,
)
async def append_to_upload(
    upload_id: UUID,
    request: Request,
    parts: Parts,
    offset_text: Offset = None,
    checksum_text: ChecksumText = None,
) -> Response:
    """The bytes from `Upload-Offset` on. With the last of them the file is checked against the
    stated hash, recognised, and stored: `Deadwax-Asset` is its SHA-256, and a worker measures it.
    A file that is refused is gone."""
    return await _append(request, parts, upload_id)


@router.delete(
    "/{upload_id}",
    status_code=204,
    summary="Delete an upload",
    openapi_extra=_WRITE,
    response_class=Response,
)
async def terminate_upload(upload_id: UUID, request: Request, parts: Parts) -> Response:
    """With what was received of it. What became an asset stays one."""
    return await _terminate(request, parts, upload_id)


@router.post(
    "/{upload_id}",
    status_code=204,
    summary="Go on with an upload, or delete it, from where only POST gets through",
    openapi_extra=_WRITE | _BYTES,
    response_class=Response,
)
async def override_method(
    upload_id: UUID, request: Request, parts: Parts, override: Override = None
) -> Response:
    """As the method that `X-HTTP-Method-Override` names."""
    match request.headers.get("X-HTTP-Method-Override"):
        case "PATCH":
            return await _append(request, parts, upload_id)
        case "DELETE":
            return await _terminate(request, parts, upload_id)
    raise Problem(METHOD_NOT_ALLOWED, headers={"Allow": "HEAD, PATCH, DELETE, OPTIONS"})


async def _append(request: Request, parts: Container, id: UUID) -> Response:
    check_media_type(request)
    offset, summing = number(request, "Upload-Offset"), checksum(request)
    senders: Senders = request.app.state.senders
    async with senders.sending(id, request) as sender:
        body = blocks(sender, _BLOCK)
        progress = await _slow(request, partial(parts.tus.append, id, offset, body, summing))
    return Response(status_code=204, headers=told(progress))


async def _terminate(request: Request, parts: Container, id: UUID) -> Response:
    await _slow(request, partial(parts.tus.terminate, id))
    return Response(status_code=204)


def _made(progress: Progress) -> Response:
    upload: Upload = progress.upload
    headers = told(progress) | {"Location": location(upload.id)}
    return Response(status_code=201, headers=headers)


async def _slow(request: Request, call: Callable[[], T]) -> T:
    """In a thread of those that wait for clients and disks."""
    return await to_thread.run_sync(call, limiter=request.app.state.slow)
