"""The REST interface: several ways to send a file, as platforms have them."""

from __future__ import annotations

import base64
import hashlib
import re

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, JSONResponse, Response
from tests.couriers.http_dsp.forms import parts
from tests.couriers.http_dsp.store import Store, Wrong

PAGE = 2
TUS = {
    "Tus-Resumable": "1.0.0",
    "Tus-Version": "1.0.0",
    "Tus-Extension": "creation,termination,checksum",
    "Tus-Checksum-Algorithm": "sha1,sha256",
    "Tus-Max-Size": "10000000",
}
sizes: dict[str, int] = {}
"""Of the uploads that were begun."""


async def answer(store: Store, request: Request, place: str) -> Response:
    kind, _, rest = place.partition("/")
    found = _ROUTES.get((request.method, kind))
    if found is None:
        raise Wrong(405, "NO_SUCH_CALL")
    return await found(store, request, rest)


async def look(store: Store, request: Request, path: str) -> Response:
    size, sha256 = store.look(path)
    return Response(headers={"X-Size": str(size), "X-Sha256": sha256})


async def fetch(store: Store, request: Request, path: str) -> Response:
    store.look(path)
    return FileResponse(store.at(path))


async def remove(store: Store, request: Request, path: str) -> Response:
    store.remove(path)
    return Response(status_code=204)


async def put_at_once(store: Store, request: Request, path: str) -> Response:
    assert request.headers["If-None-Match"] == "*"
    try:
        store.put_new(path, await request.body())
    except Wrong as wrong:
        raise Wrong(412 if wrong.status == 409 else wrong.status, wrong.code) from None
    return Response(status_code=201)


async def listing(store: Store, request: Request, rest: str) -> Response:
    files = store.list(request.query_params["folder"])
    start = int(request.query_params["cursor"] or 0)
    page = [{"name": name, "size": size} for name, size in files[start : start + PAGE]]
    more = start + PAGE if start + PAGE < len(files) else None
    return JSONResponse({"data": {"items": page, "next": more}})


async def stage(store: Store, request: Request, path: str) -> Response:
    store.keep(path, await request.body())
    return Response(status_code=201)


async def look_staged(store: Store, request: Request, path: str) -> Response:
    part = store.part(path)
    if not part.is_file():
        raise Wrong(404, "NOT_FOUND")
    return Response(headers={"X-Size": str(part.stat().st_size)})


async def drop(store: Store, request: Request, path: str) -> Response:
    if not store.part(path).is_file():
        raise Wrong(404, "NOT_FOUND")
    store.part(path).unlink()
    return Response(status_code=204)


async def publish(store: Store, request: Request, rest: str) -> Response:
    said = await request.json()
    return JSONResponse({"size": store.publish(said["upload"], said["path"], said["size"])}, 201)


async def take_form(store: Store, request: Request, rest: str) -> Response:
    found = {
        part.name: part for part in parts(request.headers["Content-Type"], await request.body())
    }
    if hashlib.sha256(found["asset"].data).hexdigest() != found["sha256"].data.decode():
        raise Wrong(422, "CHECKSUM")
    key = store.new_key()
    store.keep(key, found["asset"].data)
    return JSONResponse({"upload": {"id": key}}, 201)


async def ingest(store: Store, request: Request, rest: str) -> Response:
    said = await request.json()
    async with httpx.AsyncClient(trust_env=False) as client:
        found = await client.get(said["link"])
    if found.status_code != 200:
        raise Wrong(422, "LINK_NOT_SERVED")
    store.put_new(said["path"], found.content)
    return Response(status_code=202)


# -- chunks with Content-Range


async def begin(store: Store, request: Request, rest: str) -> Response:
    key = store.new_key()
    store.keep(key, b"")
    sizes[key] = (await request.json())["size"]
    here = str(request.url).partition("?")[0].rpartition("/")[0]
    return Response(status_code=201, headers={"Location": f"{here}/session/{key}?token=hidden"})


async def chunk(store: Store, request: Request, key: str) -> Response:
    part, place = store.part(key), request.headers["Content-Range"]
    if not part.is_file() or request.query_params["token"] != "hidden":
        raise Wrong(404, "NO_SUCH_UPLOAD")
    total = int(place.rpartition("/")[2])
    found = re.fullmatch(r"bytes (\d+)-(\d+)/\d+", place)
    if found:
        at = int(found[1])
        if at > part.stat().st_size:
            raise Wrong(400, "GAP")
        async for block in _arriving(request):
            store.keep(key, block, at, whole=False)
            at += len(block)
    there = part.stat().st_size
    if there == total:
        return JSONResponse({"upload": key}, 201)
    known = {"Range": f"bytes=0-{there - 1}"} if there else {}
    return Response(status_code=308, headers=known)


# -- tus 1.0, with checksums


async def tus_options(store: Store, request: Request, rest: str) -> Response:
    return Response(status_code=204, headers=TUS)


async def tus_create(store: Store, request: Request, rest: str) -> Response:
    assert request.headers["Tus-Resumable"] == "1.0.0"
    key = store.new_key()
    store.keep(key, b"")
    sizes[key] = int(request.headers["Upload-Length"])
    return Response(status_code=201, headers={"Location": key})


async def tus_head(store: Store, request: Request, key: str) -> Response:
    part = store.part(key)
    if not part.is_file():
        raise Wrong(404, "NO_SUCH_UPLOAD")
    there = {"Upload-Offset": str(part.stat().st_size), "Upload-Length": str(sizes[key])}
    return Response(headers={**TUS, **there, "Cache-Control": "no-store"})


async def tus_patch(store: Store, request: Request, key: str) -> Response:
    part = store.part(key)
    if not part.is_file():
        raise Wrong(404, "NO_SUCH_UPLOAD")
    if int(request.headers["Upload-Offset"]) != part.stat().st_size:
        raise Wrong(409, "OFFSET")
    algorithm, _, stated = request.headers["Upload-Checksum"].partition(" ")
    data = await request.body()
    if base64.b64decode(stated) != hashlib.new(algorithm, data).digest():
        raise Wrong(460, "CHECKSUM")
    there = store.keep(key, data, part.stat().st_size, whole=False)
    return Response(status_code=204, headers={**TUS, "Upload-Offset": str(there)})


async def _arriving(request: Request):  # type: ignore[no-untyped-def]
    """What came, as far as it came."""
    try:
        async for block in request.stream():
            yield block
    except ClientDisconnect:
        return


_ROUTES = {
    ("HEAD", "files"): look,
    ("GET", "files"): fetch,
    ("DELETE", "files"): remove,
    ("PUT", "files"): put_at_once,
    ("GET", "list"): listing,
    ("PUT", "staged"): stage,
    ("HEAD", "staged"): look_staged,
    ("DELETE", "staged"): drop,
    ("POST", "publish"): publish,
    ("POST", "form"): take_form,
    ("POST", "ingest"): ingest,
    ("POST", "sessions"): begin,
    ("PUT", "session"): chunk,
    ("OPTIONS", "tus"): tus_options,
    ("POST", "tus"): tus_create,
    ("HEAD", "tus"): tus_head,
    ("PATCH", "tus"): tus_patch,
    ("DELETE", "tus"): drop,
    ("DELETE", "session"): drop,
}
