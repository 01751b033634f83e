"""Reads our own files for couriers: checked while they are read, never blamed on the other side."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from deadwax.application.errors import DeliveryFailed, Stopped
from deadwax.application.ports import OutgoingFile
from deadwax.domain.failures import FailureCategory


class OwnFile:
    """Read once, from its beginning, in blocks of at most `block` bytes."""

    def __init__(
        self, stored: BinaryIO, file: OutgoingFile, block: int, keep_going: Callable[[], bool]
    ) -> None:
        self.file = file
        self._stored, self._block, self._keep_going = stored, block, keep_going
        self._digest, self.position = hashlib.sha256(), 0

    def blocks(self, length: int) -> Iterator[bytes]:
        """The next `length` bytes, fewer if the file ends before. Raises Stopped when
        `keep_going` says no, DeliveryFailed(UNKNOWN) where our store cannot be read."""
        while length > 0:
            block = read_block(self._stored, min(length, self._block), self._keep_going)
            if not block:
                return
            self._digest.update(block)
            self.position += len(block)
            length -= len(block)
            yield block

    @property
    def is_as_recorded(self) -> bool:
        """Whether all was read that is on record."""
        return (self._digest.hexdigest(), self.position) == (self.file.sha256, self.file.size)


@contextmanager
def own_file(
    file: OutgoingFile, block: int, keep_going: Callable[[], bool] = lambda: True
) -> Iterator[OwnFile]:
    """Raises DeliveryFailed(UNKNOWN) where our store cannot be read."""
    with opened(file) as stored:
        yield OwnFile(stored, file, block, keep_going)


def opened(file: OutgoingFile) -> BinaryIO:
    """Raises DeliveryFailed(UNKNOWN) where our store cannot be read."""
    try:
        return file.open()
    except OSError as error:
        raise _unreadable(error) from error


def read_block(stored: BinaryIO, size: int, keep_going: Callable[[], bool]) -> bytes:
    """At most `size` bytes. Raises Stopped when `keep_going` says no, DeliveryFailed(UNKNOWN)
    where our store cannot be read."""
    if not keep_going():
        raise Stopped("The upload was stopped between two blocks.")
    try:
        return stored.read(size)
    except OSError as error:
        raise _unreadable(error) from error


def not_as_recorded(path: str) -> DeliveryFailed:
    return DeliveryFailed(
        FailureCategory.INTEGRITY, f"Our bytes of {path} do not have the size and digest on record."
    )


def _unreadable(error: OSError) -> DeliveryFailed:
    reason = error.strerror or type(error).__name__
    return DeliveryFailed(
        FailureCategory.UNKNOWN, f"An asset could not be read from our own store: {reason}."
    )
