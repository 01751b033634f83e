"""Our own file while it is sent: hashed as it is read, and held to what is on record."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.own_file import not_as_recorded, opened, read_block

BLOCK = 256 * 1024


class Clock(Protocol):
    """Measures how long the other side makes no progress."""

    def rest(self) -> None: ...

    def moved(self) -> None: ...


class Reading:
    """The bytes of one file, in any order of ranges. The last block is only handed out when the
    digest of all is the one on record, so that a server never has the whole of a wrong file.

    `progress` gets what was handed out and taken; `clock` is stopped while we wait for our own
    bytes, which a cap on bandwidth may hold back.
    """

    def __init__(
        self,
        file: OutgoingFile,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
        clock: Clock,
    ) -> None:
        self.file = file
        self._keep_going, self._progress, self._clock = keep_going, progress, clock
        self._source: BinaryIO | None = None
        self._digest, self._at = hashlib.sha256(), 0

    def blocks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` to before `end`. What lies before `start` is read too, for the digest.
        Raises Stopped, and DeliveryFailed(INTEGRITY) for bytes that are not those on record."""
        end = self.file.size if end is None else end
        self._go_to(start)
        if start == self.file.size:
            self._check()
        while self._at < end:
            block = self._next(min(BLOCK, end - self._at))
            yield block
            self._progress(len(block))

    def prove(self, start: int = 0) -> None:
        """Read all of it; raises as `blocks`. `progress` is told of what lies after `start`."""
        for _ in self.blocks(start):
            pass

    def take(self, start: int, end: int) -> bytes:
        """Bytes `start` to before `end`, of which `taken` is told once they are sent."""
        self._go_to(start)
        found = bytearray()
        while self._at < end:
            found += self._next(min(BLOCK, end - self._at))
        return bytes(found)

    def taken(self, count: int) -> None:
        self._progress(count)

    def close(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None

    def _go_to(self, start: int) -> None:
        if start < self._at or self._source is None:
            self._begin()
        while self._at < start:
            self._next(min(BLOCK, start - self._at))

    def _begin(self) -> None:
        self.close()
        self._source = opened(self.file)
        self._digest, self._at = hashlib.sha256(), 0

    def _next(self, size: int) -> bytes:
        assert self._source is not None
        self._clock.rest()
        block = read_block(self._source, size, self._keep_going)
        self._clock.moved()
        if len(block) < size:
            raise not_as_recorded(self.file.path)
        self._digest.update(block)
        self._at += size
        if self._at == self.file.size:
            self._check()
        return block

    def _check(self) -> None:
        assert self._source is not None
        too_many = read_block(self._source, 1, lambda: True)
        if too_many or self._digest.hexdigest() != self.file.sha256:
            raise not_as_recorded(self.file.path)
