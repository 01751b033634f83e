"""Serving a file in whole or in part (RFC 9110, 14), and knowing how much was served."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import anyio
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from deadwax.api.errors import RANGE_NOT_SATISFIABLE, Problem

_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")
_BLOCK = 1 << 18


@dataclass(frozen=True)
class Slice:
    """Bytes `first` to before `end` of a file of `size` bytes; `partial` if they were asked for
    as a range."""

    first: int
    end: int
    size: int
    partial: bool = False

    @property
    def headers(self) -> dict[str, str]:
        headers = {"Content-Length": str(self.end - self.first), "Accept-Ranges": "bytes"}
        if self.partial:
            headers["Content-Range"] = f"bytes {self.first}-{self.end - 1}/{self.size}"
        return headers


def wanted(request: Request, size: int, etag: str) -> Slice:
    """What of the file the caller wants: all, or one range. Several ranges, a range of another
    file (If-Range) and what is no range of bytes get the whole file, as the RFC permits.

    Raises Problem, 416, for a range that begins after the end.
    """
    whole = Slice(0, size, size)
    found = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if found is None or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last = found[1], found[2]
    if first is None and last is None:
        return whole
    if first is None:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1 if last else size)
        if last and int(last) < int(first):
            return whole
    if start >= size or start >= end:
        raise Problem(
            RANGE_NOT_SATISFIABLE,
            f"The file has {size} bytes.",
            headers={"Content-Range": f"bytes */{size}"},
        )
    return Slice(start, end, size, partial=True)


class FileSlice(StreamingResponse):
    """Part of an open file, which it closes. `served` gets the number of bytes that were handed
    over before the end, or before the caller went away; it runs in a thread."""

    def __init__(
        self,
        file: BinaryIO,
        part: Slice,
        served: Callable[[int], None],
        *,
        headers: dict[str, str],
        media_type: str,
    ) -> None:
        super().__init__(
            self._blocks(),
            status_code=206 if part.partial else 200,
            headers=headers | part.headers,
            media_type=media_type,
        )
        self._file, self._part, self._served = file, part, served
        self._count = 0

    def _blocks(self) -> Iterator[bytes]:
        self._file.seek(self._part.first)
        left = self._part.end - self._part.first
        while left and (block := self._file.read(min(_BLOCK, left))):
            yield block
            left -= len(block)
            self._count += len(block)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with anyio.CancelScope(shield=True):
                await to_thread.run_sync(self._end)

    def _end(self) -> None:
        self._file.close()
        if self._count:
            self._served(self._count)
