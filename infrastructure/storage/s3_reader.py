"""An object of S3 as a seekable file: read by ranges, taken up again where a connection broke."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, BinaryIO, Protocol, cast

Fetch = Callable[[int, int], Any]
"""Opens bytes `first` up to and including `last`; OSError where that cannot be."""

_BUFFER = 256 * 1024
_FIRST_RANGE, _LARGEST_RANGE = 256 * 1024, 32 << 20
_TRIES = 3


class _Body(Protocol):
    def read(self, amount: int) -> bytes: ...

    def close(self) -> None: ...


def open_object(size: int, fetch: Fetch, broken: tuple[type[Exception], ...]) -> BinaryIO:
    """`broken` is what reading a body raises when its connection ends."""
    return cast(BinaryIO, io.BufferedReader(_Object(size, fetch, broken), _BUFFER))


class _Object(io.RawIOBase):
    """Ranges double while it is read on, so that a look at a header costs little and a long file
    few requests; a range that was read to its end gives its connection back."""

    def __init__(self, size: int, fetch: Fetch, broken: tuple[type[Exception], ...]) -> None:
        self._size, self._fetch, self._broken = size, fetch, broken
        self._position, self._range = 0, _FIRST_RANGE
        self._body: _Body | None = None
        self._end = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("There is nothing before the beginning.")
        if base + offset != self._position:
            self._position, self._range = base + offset, _FIRST_RANGE
            self._drop()
        return self._position

    def tell(self) -> int:
        return self._position

    def readinto(self, buffer: Any) -> int:
        wanted = min(len(buffer), self._size - self._position)
        if wanted <= 0:
            return 0
        block = self._read(wanted)
        buffer[: len(block)] = block
        self._position += len(block)
        if self._position == self._end:
            self._drop()
        return len(block)

    def close(self) -> None:
        self._drop()
        super().close()

    def _read(self, wanted: int) -> bytes:
        """Some of the next bytes, at least one. Raises OSError."""
        for left in reversed(range(_TRIES)):
            body = self._body or self._begin()
            try:
                block = body.read(min(wanted, self._end - self._position))
            except self._broken as error:
                self._drop()
                if not left:
                    raise OSError(f"reading broke off: {type(error).__name__}") from error
                continue
            if block:
                return block
            self._drop()
        raise OSError("the store sends fewer bytes than it said")

    def _begin(self) -> _Body:
        self._end = min(self._size, self._position + self._range)
        self._body = body = self._fetch(self._position, self._end - 1)
        self._range = min(2 * self._range, _LARGEST_RANGE)
        return cast(_Body, body)

    def _drop(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
