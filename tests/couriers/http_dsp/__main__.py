"""Serves until it is ended: `python -m tests.couriers.http_dsp FOLDER PORT KEYS [CERT CA]`.

Addresses are /{scheme}/{account}/{rest|soap|graphql}/...; POST /~next takes what the next answers
of an account are to be instead, and POST /~token is the token endpoint.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
from collections import defaultdict, deque
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from tests.couriers.http_dsp import door, graphql_api, rest, soap
from tests.couriers.http_dsp.store import Wrong, account

_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class Dsp:
    def __init__(self, folder: Path, keys: dict[str, str]) -> None:
        self._folder, self._door = folder, door.Door(keys)
        self._next: dict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self.seen: dict[str, list[str]] = defaultdict(list)

    async def instead(self, request: Request) -> Response:
        """[{"account", "method", "status"?, "headers"?, "do"?}]: answers of later requests."""
        for step in await request.json():
            self._next[step["account"]].append(step)
        return Response(status_code=204)

    async def requests(self, request: Request) -> Response:
        return JSONResponse(self.seen[request.path_params["account"]])

    async def __call__(self, request: Request) -> Response:
        scheme, name, place = (request.path_params[n] for n in ("scheme", "account", "place"))
        store, kind = account(self._folder, name), place.partition("/")[0]
        self.seen[name].append(f"{request.method} {place.partition('/')[2].partition('/')[0]}")
        steps = self._next[name]
        step = steps.popleft() if steps and steps[0]["method"] == request.method else None
        try:
            if step and "status" in step:
                if step.get("read", True):
                    await request.body()
                return JSONResponse(
                    {"error": {"code": "ODD", "message": step.get("words", "")}},
                    step["status"],
                    step.get("headers"),
                )
            if step and step["do"] == "cut":
                async for block in request.stream():
                    if block:
                        break
                return _Cut()
            if step and step["do"] == "hang":
                await asyncio.sleep(60)
            if not self._door.lets_in(scheme, request):
                raise Wrong(401, "UNAUTHENTICATED")
            if kind == "rest":
                found = await rest.answer(store, request, place.partition("/")[2])
            elif kind == "soap":
                found = await soap.answer(store, request)
            else:
                found = await graphql_api.answer(store, request)
            return _Cut() if step and step["do"] == "lose" else found
        except Wrong as wrong:
            if kind == "soap":
                return soap.refused(soap.V11, wrong)
            said = {"message": str(wrong), "extensions": {"code": wrong.code}}
            if kind == "graphql":
                return JSONResponse({"errors": [said]}, 200)
            return JSONResponse({"error": {"code": wrong.code, "message": ""}}, wrong.status)


class _Cut(Response):
    """No answer at all: the connection ends."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        headers = [(b"content-length", b"1000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise ConnectionAbortedError("on purpose")


def main(folder: str, port: str, keys: str, certificate: str = "", authority: str = "") -> None:
    dsp = Dsp(Path(folder), json.loads(Path(keys).read_text()))
    routes = [
        Route("/~next", dsp.instead, methods=["POST"]),
        Route("/~token", door.token, methods=["POST"]),
        Route("/~revoke", door.revoke, methods=["POST"]),
        Route("/~asked", door.count),
        Route("/~seen/{account}", dsp.requests),
        Route("/{scheme}/{account}/{place:path}", dsp.__call__, methods=_METHODS),
    ]
    tls: dict[str, Any] = {}
    if certificate:
        tls = {"ssl_certfile": certificate, "ssl_ca_certs": authority}
        tls["ssl_cert_reqs"] = ssl.CERT_REQUIRED
    app = Starlette(routes=routes)
    uvicorn.run(
        app,
        port=int(port),
        log_level="critical",
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
        **tls,
    )


main(*sys.argv[1:])
