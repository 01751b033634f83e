"""Files to deliver, and delivering them."""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable

from deadwax.application.ports import Courier, OutgoingFile

MB = 1024 * 1024


def some_bytes(size: int) -> bytes:
    return random.Random(size).randbytes(size)


def outgoing(path: str, data: bytes) -> OutgoingFile:
    return OutgoingFile(path, len(data), hashlib.sha256(data).hexdigest(), lambda: io.BytesIO(data))


def upload(
    courier: Courier, file: OutgoingFile, keep_going: Callable[[], bool] = lambda: True
) -> int:
    """Upload, and the bytes that were newly sent."""
    sent: list[int] = []
    courier.upload(file, keep_going=keep_going, progress=sent.append)
    return sum(sent)
