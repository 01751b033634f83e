"""From an asynchronous request body to a thread that reads it, with flat memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from anyio import from_thread
from fastapi import Request


def blocks(request: Request, size: int) -> Iterator[bytes]:
    """The body in blocks of about `size` bytes, for a worker thread of anyio.

    Each block is asked for when the one before is dealt with, so a slow disk slows the
    client down. Raises what reading the body raises, such as ClientDisconnect.
    """
    stream = request.stream()
    while block := from_thread.run(_next_block, stream, size):
        yield block


async def _next_block(stream: AsyncIterator[bytes], size: int) -> bytes:
    """Empty at the end."""
    block = bytearray()
    async for chunk in stream:
        block += chunk
        if len(block) >= size:
            break
    return bytes(block)
