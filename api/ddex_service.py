"""DDEX's web service for platforms that pull: feed, messages, files, acknowledgements.

ERN part 4, choreography for web services 1.7, clauses 5 to 7. docs/web-service.md says what of it
was verified.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from functools import partial
from typing import Annotated
from uuid import UUID

import structlog
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from deadwax.api import atom
from deadwax.api.acknowledgements import XML_BODY, AcknowledgementTaken, Xml
from deadwax.api.auth import Permission
from deadwax.api.conditional import mark
from deadwax.api.ddex_entries import entry_of, url_of
from deadwax.api.errors import NOT_FOUND, Problem
from deadwax.api.parts import Parts
from deadwax.api.ranges import FileSlice, wanted
from deadwax.api.reading import AT_ONCE, fresh
from deadwax.api.route import Route, needs
from deadwax.api.unchanged import is_unchanged, last_modified
from deadwax.application.errors import ApplicationError
from deadwax.application.pull import File, Offer, offered
from deadwax.domain.addresses.pull import PullAddress
from deadwax.domain.cause import Cause, acting, current_cause
from deadwax.domain.distribution import Distribution
from deadwax.domain.target import DeliveryTarget
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.media_types import media_type
from deadwax.projections import offers

router = APIRouter(prefix="/api/v1/ddex", route_class=Route, tags=["DDEX web service"])

_PULL = needs(Permission.PULL)
_log = structlog.get_logger()
_FEED = {200: {"description": "The feed.", "content": {atom.MEDIA_TYPE: {}}}}
_ENTRY = {200: {"description": "The entry.", "content": {atom.MEDIA_TYPE: {}}}}
_BYTES = {
    200: {"description": "The bytes.", "content": {"application/octet-stream": {}}},
    206: {"description": "The range that was asked for.", "content": {}},
}


async def _platform(request: Request) -> UUID:
    target_id: UUID | None = request.state.key.target_id
    assert target_id is not None, "only keys of platforms come here"
    return target_id


Platform = Annotated[UUID, Depends(_platform)]
"""The target that the key is for."""


@router.get(
    "/feed",
    summary="What there is to fetch",
    openapi_extra=_PULL,
    dependencies=[fresh("offers", "collections")],
    response_class=Response,
    responses=_FEED,  # type: ignore[arg-type]
)
def get_feed(
    target_id: Platform,
    parts: Parts,
    request: Request,
    cursor: Annotated[int, Query(ge=0, description="Where the page begins: see `next`.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="Most entries of a page.")] = 50,
) -> Response:
    """An Atom feed, oldest entry first, with `next` for the page after. An entry stands until its
    message is deleted, answered, replaced or withdrawn."""
    target, base = _target(parts, target_id)
    with parts.pool.connection() as connection:
        page = offers.feed(connection, target.tenant_id, target_id, cursor, limit)
    here = f"{base}/feed?limit={limit}"
    links = {"self": f"{here}&cursor={cursor}" if cursor else here}
    if cursor:
        links["first"] = here
    if page.more:
        links["next"] = f"{here}&cursor={page.entries[-1].offered_position}"
    changed = page.changed_at or target.modified_on
    body = atom.feed_xml(
        atom.Feed(
            id=target_id.urn,
            title=f"{target.settings.sender.name} for {target.settings.recipient.name}",
            author=str(target.settings.sender.name),
            updated=changed,
            links=links,
            entries=[
                entry_of(
                    parts.asset_store,
                    base,
                    Offer(row.distribution_id, target_id, row.message),
                    row.offered_at,
                )
                for row in page.entries
                if row.message and row.offered_at
            ],
        )
    )
    headers = {
        "ETag": f'"{hashlib.sha256(body).hexdigest()}"',
        "Cache-Control": "private, no-cache",
    }
    modified = last_modified(changed, datetime.now(UTC))
    if modified:
        headers["Last-Modified"] = modified
    if is_unchanged(request, headers["ETag"], changed):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=atom.MEDIA_TYPE, headers=headers)


@router.get(
    "/releases/{release_id}/message",
    summary="The newest message about a release",
    openapi_extra=_PULL,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses=_ENTRY,  # type: ignore[arg-type]
)
def get_message_of_release(release_id: str, target_id: Platform, parts: Parts) -> Response:
    """Its Atom entry, by ICPN or GRid; also after the message was deleted from the feed."""
    target, base = _target(parts, target_id)
    for id in parts.correspondence.of_release(target_id, [release_id]):
        d = parts.catalogue.get(Distribution, id)
        message = offered(d)
        if message and release_id in (message.get("icpn"), message.get("grid")):
            offer, since = (
                Offer(d.id, target_id, message),
                datetime.fromisoformat(message["created_at"]),
            )
            body = atom.entry_xml(
                entry_of(parts.asset_store, base, offer, since), str(target.settings.sender.name)
            )
            return Response(body, media_type=atom.MEDIA_TYPE)
    raise Problem(NOT_FOUND, f"No message about {release_id} is on offer.")


@router.get(
    "/messages/{message_id}",
    status_code=301,
    summary="Where a message is",
    openapi_extra=_PULL,
    dependencies=[AT_ONCE],
    response_class=RedirectResponse,
)
def get_message(message_id: str, target_id: Platform, parts: Parts) -> Response:
    """Leads to the message under its file name: what its URIs are relative to."""
    _, base = _target(parts, target_id)
    offer = parts.pull.offer(target_id, message_id)
    return RedirectResponse(url_of(base, offer.xml["path"]), status_code=301)


@router.delete(
    "/messages/{message_id}",
    status_code=204,
    summary="The platform has it",
    openapi_extra=_PULL,
    response_class=Response,
    responses={208: {"description": "It was deleted before."}},
)
def delete_message(message_id: str, target_id: Platform, parts: Parts) -> Response:
    """Message and files were taken in: the entry leaves the feed. 208 for the second time."""
    position = parts.pull.finish(target_id, message_id)
    response = Response(status_code=204 if position else 208)
    mark(response, position=position)
    return response


@router.get(
    "/messages/{message_id}/{path:path}",
    summary="Fetch a message or a file of it",
    openapi_extra=_PULL,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses=_BYTES,  # type: ignore[arg-type]
)
def get_file(
    message_id: str, path: str, target_id: Platform, parts: Parts, request: Request
) -> Response:
    """The bytes as they are named in the message and hashed there, in whole or as one range. The
    ETag is their SHA-256. 404 once the message was replaced or withdrawn."""
    offer = parts.pull.offer(target_id, message_id)
    file = offer.file(f"{message_id}/{path}")
    headers = _headers(file)
    if is_unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    part = wanted(request, file["size"], headers["ETag"])
    noting = partial(_note, parts, current_cause(), offer, file, part.first)
    stored = parts.asset_store.open(file["sha256"])
    return FileSlice(stored, part, noting, headers=headers, media_type=media_type(file["path"]))


@router.head(
    "/messages/{message_id}/{path:path}",
    summary="What a file is",
    openapi_extra=_PULL,
    dependencies=[AT_ONCE],
    response_class=Response,
)
def head_file(message_id: str, path: str, target_id: Platform, parts: Parts) -> Response:
    """Its size, type and hash, without the bytes."""
    file = parts.pull.offer(target_id, message_id).file(f"{message_id}/{path}")
    size = {"Content-Length": str(file["size"]), "Accept-Ranges": "bytes"}
    return Response(headers=_headers(file) | size, media_type=media_type(file["path"]))


@router.post(
    "/acknowledgements",
    status_code=202,
    summary="Say what became of a message",
    openapi_extra={**_PULL, **XML_BODY},
)
async def acknowledge(
    data: Xml, target_id: Platform, parts: Parts, response: Response
) -> AcknowledgementTaken:
    """The XML of a DDEX acknowledgement of any version. Twice does no harm. 422 if it cannot be
    read; 409 `not_yet` while a delivery is under way."""
    receipt = await run_in_threadpool(parts.follow_up.receive, target_id, data)
    mark(response, position=receipt.position)
    return AcknowledgementTaken.of(receipt)


def _target(parts: Container, target_id: UUID) -> tuple[DeliveryTarget, str]:
    """The target and the address that its platform knows us by."""
    target = parts.targets.get(target_id)
    address = target.settings.address
    if not isinstance(address, PullAddress):  # it was changed after the key was issued
        raise Problem(NOT_FOUND, "This target's deliveries are no longer fetched.")
    return target, str(address.base_url)


def _headers(file: File) -> dict[str, str]:
    return {"ETag": f'"{file["sha256"]}"', "Cache-Control": "private, no-cache"}


def _note(parts: Container, cause: Cause, offer: Offer, file: File, first: int, count: int) -> None:
    """The bytes have gone: that it cannot be noted now must not look like a failed transfer."""
    try:
        with acting(cause):
            parts.pull.served(offer, file, first, first + count)
    except ApplicationError as error:
        _log.warning("fetch_not_noted", message_id=offer.id, path=file["path"], why=str(error))
