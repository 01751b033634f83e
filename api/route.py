"""What every operation under /api/v1 has in common, in this order: who asks and may they,
how large the body, in whose name events are stored, and whether it was asked before."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any
from uuid import uuid4

import structlog
from fastapi import Request, Response
from fastapi.routing import APIRoute

from deadwax.api import repeats
from deadwax.api.auth import Permission, admit
from deadwax.api.body import bounded
from deadwax.api.correlation import correlation_id
from deadwax.api.parts import container_of
from deadwax.domain.cause import Cause, acting
from deadwax.infrastructure.settings import Settings

Handle = Callable[[Request], Coroutine[Any, Any, Response]]
_MARK = "x-permission"


def needs(permission: Permission) -> dict[str, str]:
    """For `openapi_extra`: the permission that an operation needs, seen in the document too."""
    return {_MARK: permission.value}


def permission_of(route: APIRoute) -> Permission:
    """KeyError for an operation that states none: it cannot be mounted."""
    return Permission((route.openapi_extra or {})[_MARK])


class Route(APIRoute):
    """`refusals` are statuses of problems that follow from what the operation is.

    The cause is set in the task that answers; FastAPI copies its context to the thread
    that runs the endpoint."""

    refusals: tuple[int, ...] = ()
    takes_key = True
    """Whether an Idempotency-Key counts, for POST: the answer is kept for a day then."""

    def get_route_handler(self) -> Handle:
        handle = super().get_route_handler()
        permission = permission_of(self)

        async def run(request: Request) -> Response:
            container = container_of(request)
            key = await admit(request, container.tenants, permission)
            structlog.contextvars.bind_contextvars(key=str(key.id), tenant=str(key.tenant_id))
            self.expect(request)
            most = self.most_bytes(container.settings)
            request = bounded(request, most, container.settings.stall_seconds)
            request.state.key = key
            repeatable = repeats.key_of(request) if self.repeatable(request) else None
            request_id = repeats.request_id(key.tenant_id, repeatable) if repeatable else uuid4()
            cause = Cause(key.tenant_id, f"key:{key.id}", correlation_id(), str(request_id))
            with acting(cause):
                if repeatable:
                    return await repeats.once(repeatable, request, handle)
                return await handle(request)

        return run

    def expect(self, request: Request) -> None:
        """Raises a Problem for headers that it cannot be asked with, by one who may ask."""

    def most_bytes(self, settings: Settings) -> int:
        return settings.max_body_bytes

    def repeatable(self, request: Request) -> bool:
        return self.takes_key and request.method == "POST"


class UploadRoute(Route):
    """Takes files. The same bytes are stored once anyway."""

    refusals: tuple[int, ...] = (507,)
    takes_key = False

    def most_bytes(self, settings: Settings) -> int:
        return settings.max_asset_bytes


class SecretRoute(Route):
    """Answers with signed addresses, which are kept nowhere."""

    takes_key = False
