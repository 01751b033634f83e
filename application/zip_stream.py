"""A ZIP archive as a stream: stored, not deflated, and the same bytes for the same files."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import OutgoingFile
from deadwax.domain.failures import FailureCategory

_BLOCK = 1024 * 1024
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_READABLE = 0o100644 << 16


def zipped(files: Iterable[OutgoingFile]) -> Iterator[bytes]:
    """ZIP64 where a file needs it. Ends in the middle, so that nobody takes it for whole, with
    DeliveryFailed(INTEGRITY) where our bytes of a file are not those on record."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:
        for file in files:
            info = zipfile.ZipInfo(file.path, _NO_TIME)
            info.external_attr = _READABLE
            info.file_size = file.size  # decides whether it needs ZIP64
            with archive.open(info, "w") as entry:
                for block in _proven(file):
                    entry.write(block)
                    yield sink.take()
            yield sink.take()
    yield sink.take()


def _proven(file: OutgoingFile) -> Iterator[bytes]:
    digest, size = hashlib.sha256(), 0
    with file.open() as stored:
        while block := stored.read(_BLOCK):
            digest.update(block)
            size += len(block)
            yield block
    if (digest.hexdigest(), size) != (file.sha256, file.size):
        raise DeliveryFailed(
            FailureCategory.INTEGRITY, f"Our bytes of {file.path} are not those on record."
        )


class _Sink(io.RawIOBase):
    """Holds what the archive wrote until it is taken; it cannot go back."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._held += data
        return len(data)

    def take(self) -> bytes:
        held = bytes(self._held)
        self._held.clear()
        return held
