"""Delivery targets, and testing the connection for real."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Depends, Request, Response

from deadwax.api.auth import Permission
from deadwax.api.bodies import CheckedWay, PinnedHostKey
from deadwax.api.body import JsonBody
from deadwax.api.conditional import IfMatch, mark
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.api.target_bodies import by_protocol
from deadwax.api.views import ProbeView, TargetAccepted, TargetView
from deadwax.domain.cause import current_cause
from deadwax.domain.target import DeliveryTarget, Mode, TargetSettings
from deadwax.domain.texts import Name
from deadwax.projections import targets
from deadwax.projections.targets import TargetRow

router = APIRouter(prefix="/api/v1/targets", route_class=Route, tags=["Delivery targets"])

Settings = Annotated[TargetSettings, Depends(JsonBody(TargetSettings, narrowed=by_protocol))]
_READ, _WRITE = needs(Permission.TARGETS_READ), needs(Permission.TARGETS_WRITE)


@router.post("", status_code=201, summary="Open a delivery target", openapi_extra=_WRITE)
def open_target(settings: Settings, parts: Parts, response: Response) -> TargetAccepted:
    """A channel to one platform. The secret is named, never sent: it is stored on the server."""
    target, position = parts.targets.open(settings)
    response.headers["Location"] = f"/api/v1/targets/{target.id}"
    return _accepted(target, position, response)


@router.get(
    "", summary="List delivery targets", openapi_extra=_READ, dependencies=[fresh("targets")]
)
def list_targets(
    parts: Parts,
    platform: Name | None = None,
    mode: Mode | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[TargetRow]:
    """In the order they were opened."""
    with read_models(parts) as connection:
        return listed(
            targets.page(
                connection,
                current_cause().tenant_id,
                platform=platform,
                mode=mode,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(
    "/{target_id}", summary="Read a delivery target", openapi_extra=_READ, dependencies=[AT_ONCE]
)
def get_target(target_id: UUID, parts: Parts, response: Response) -> TargetView:
    """As it is now. The ETag is its version."""
    target = parts.targets.get(target_id)
    mark(response, version=target.version)
    return TargetView.of(target)


@router.put("/{target_id}", status_code=202, summary="Replace the settings", openapi_extra=_WRITE)
def replace_target(
    target_id: UUID, settings: Settings, parts: Parts, response: Response, version: IfMatch
) -> TargetAccepted:
    """A test target stays one, and a live one too: open another instead."""
    return _accepted(*parts.targets.amend(target_id, settings, version), response)


@router.post(
    "/{target_id}/host-key", status_code=202, summary="Trust a host key", openapi_extra=_WRITE
)
def pin_host_key(
    target_id: UUID,
    pinned: Annotated[PinnedHostKey, Depends(JsonBody(PinnedHostKey))],
    parts: Parts,
    response: Response,
) -> TargetAccepted:
    """Without one nothing is sent. The connection test shows what the server presents."""
    done = parts.targets.pin_host_key(
        target_id, pinned.host_key, fallback=pinned.fallback, beside=pinned.beside
    )
    return _accepted(*done, response)


@router.post("/{target_id}/test", summary="Test the connection", openapi_extra=_WRITE)
async def check_connection(
    target_id: UUID,
    way: Annotated[CheckedWay, Depends(JsonBody(CheckedWay, optional=True))],
    parts: Parts,
    request: Request,
) -> ProbeView:
    """Connects, logs in, writes, renames, reads back and deletes a small file. 502 with the
    `category` of the failure if any of it does not work."""
    slow: CapacityLimiter = request.app.state.slow  # a silent server holds up nobody else
    test = partial(parts.targets.test, target_id, fallback=way.fallback)
    probe = await to_thread.run_sync(test, limiter=slow)
    return ProbeView.of(probe)


def _accepted(target: DeliveryTarget, position: int, response: Response) -> TargetAccepted:
    mark(response, position=position, version=target.version)
    return TargetAccepted.of(target, position=position)
