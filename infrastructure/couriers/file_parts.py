"""Our own bytes of a file that is sent, read in parts; their faults are never the server's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.own_file import not_as_recorded, opened, read_block

BLOCK = 256 * 1024


@dataclass(frozen=True)
class Part:
    """A piece of a file; `number` counts from 1, digests are raw bytes."""

    number: int
    offset: int
    size: int
    md5: bytes
    sha256: bytes


@dataclass
class Source:
    """The bytes of one file in parts of `part_size`, each hashed before it is sent.

    DeliveryFailed(INTEGRITY) if they are not those on record, (UNKNOWN) if they cannot be read;
    Stopped where `keep_going` says no, which is asked for every block.
    """

    file: OutgoingFile
    stored: BinaryIO
    part_size: int
    keep_going: Callable[[], bool]
    _whole: Any = field(default_factory=hashlib.sha256, init=False)

    def parts(self) -> Iterator[Part]:
        """In order; before the last one the whole is known to be what is on record. A file of
        no bytes has one part of none."""
        size = self.file.size
        self._whole = hashlib.sha256()
        for number, offset in enumerate(range(0, size, self.part_size) if size else [0], 1):
            part = self._hashed(number, offset, min(self.part_size, size - offset))
            if offset + part.size == size:
                self._check_end()
            yield part

    def body(self, part: Part) -> Body:
        return Body(self, part)

    def read(self, size: int) -> bytes:
        return read_block(self.stored, size, self.keep_going)

    def range(self, offset: int, size: int) -> bytes:
        self.stored.seek(offset)
        return b"".join(self._blocks(size))

    def _hashed(self, number: int, offset: int, size: int) -> Part:
        self.stored.seek(offset)
        md5, sha256 = hashlib.md5(usedforsecurity=False), hashlib.sha256()
        for block in self._blocks(size):
            md5.update(block)
            if size < self.file.size:
                sha256.update(block)
            self._whole.update(block)
        # The digest of an only part is that of the file: computed once.
        own = sha256 if size < self.file.size else self._whole
        return Part(number, offset, size, md5.digest(), own.digest())

    def _blocks(self, size: int) -> Iterator[bytes]:
        while size > 0:
            block = self.read(min(size, BLOCK))
            if not block:
                raise not_as_recorded(self.file.path)
            size -= len(block)
            yield block

    def _check_end(self) -> None:
        if self.read(1) or self._whole.hexdigest() != self.file.sha256:
            raise not_as_recorded(self.file.path)


class Body:
    """A part as HTTP clients read it. What our side broke it with is in `broken`: clients hide
    it behind an error of their own."""

    def __init__(self, source: Source, part: Part) -> None:
        self.broken: Exception | None = None
        self._source, self._part = source, part
        self.seek(0)

    def __len__(self) -> int:
        return self._part.size

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = 0) -> int:
        self._position = offset + (self._part.size if whence == 2 else 0)
        self._source.stored.seek(self._part.offset + self._position)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """A block, whatever `size` says: http.client asks for so little at once that most of the
        time would go into asking."""
        left = self._part.size - self._position
        if left <= 0:
            return b""
        try:
            block = self._source.read(min(left, BLOCK))
        except Exception as error:
            self.broken = error
            raise
        self._position += len(block)
        return block


@contextmanager
def reading(
    file: OutgoingFile, part_size: int, keep_going: Callable[[], bool] = lambda: True
) -> Iterator[Source]:
    with opened(file) as stored:
        yield Source(file, stored, part_size, keep_going)
