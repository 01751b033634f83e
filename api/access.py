"""Around every request: its correlation id, its line in the log, and the last resort."""

from __future__ import annotations

import time

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deadwax.api.correlation import HEADER, correlated
from deadwax.api.errors import INTERNAL, Problem, answer

_CLIENT_WENT_AWAY = 499
_log = structlog.get_logger()


class Access:
    """Logs method, route, status and time, with what the route bound: never a header, a query
    or a body."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        with correlated(Headers(scope=scope).get(HEADER)) as id:

            async def marked(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                    headers = MutableHeaders(scope=message)
                    headers[HEADER] = id
                    headers["X-Content-Type-Options"] = "nosniff"
                await send(message)

            try:
                await self._app(scope, receive, marked)
            except ClientDisconnect:
                status = _CLIENT_WENT_AWAY
            except Exception:  # a fault of ours must still be answered, and told with its trace
                _log.exception("request_broke")
                if status:
                    raise
                await answer(Problem(INTERNAL))(scope, receive, marked)
            finally:
                _log.info(
                    "request",
                    method=scope["method"],
                    route=getattr(scope.get("route"), "path", None),
                    status=status,
                    ms=round((time.perf_counter() - started) * 1000, 1),
                )
