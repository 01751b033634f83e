"""Requests that send the bytes of an upload, and give way when their client has gone silent: its
connection is lost on a way where nobody notices, and it comes again by another one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from uuid import UUID

from fastapi import Request
from starlette.types import Message

from deadwax.api.errors import UPLOAD_BUSY, Problem

_SILENT_SECONDS = 2.0
_ENDS_WITHIN_SECONDS = 5.0


@dataclass
class _Sender:
    heard_at: float = field(default_factory=time.monotonic)
    told: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class Senders:
    """Those of this process, by upload."""

    def __init__(self) -> None:
        self._by_upload: dict[UUID, _Sender] = {}

    @asynccontextmanager
    async def sending(self, id: UUID, request: Request) -> AsyncIterator[Request]:
        """The request, to be read in this context. One that sends to the same upload and is silent
        is ended first; one that is not stays, and what follows finds the upload busy."""
        before = self._by_upload.get(id)
        if before and time.monotonic() - before.heard_at > _SILENT_SECONDS:
            before.told.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(before.gone.wait(), _ENDS_WITHIN_SECONDS)
        sender = _Sender()
        self._by_upload.setdefault(id, sender)
        try:
            yield Request(request.scope, lambda: _heard(sender, request))
        finally:
            sender.gone.set()
            if self._by_upload.get(id) is sender:
                del self._by_upload[id]


async def _heard(sender: _Sender, request: Request) -> Message:
    """The next part of the body. Raises Problem once the sender was told to give way."""
    heard = asyncio.ensure_future(request.receive())
    told = asyncio.ensure_future(sender.told.wait())
    try:
        await asyncio.wait({heard, told}, return_when=asyncio.FIRST_COMPLETED)
        if not heard.done():
            raise Problem(UPLOAD_BUSY, "The client came again by another connection.")
        sender.heard_at = time.monotonic()
        return heard.result()
    finally:
        for one in (heard, told):
            one.cancel()
