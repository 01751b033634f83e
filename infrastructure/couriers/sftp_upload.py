"""Sends one file to its `.part`, continuing what the server already holds."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from paramiko import SFTPClient

from deadwax.application.errors import DeliveryFailed, Stopped
from deadwax.application.ports import OutgoingFile
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.sftp_wire import WINDOW, PipelinedWrites


@dataclass(frozen=True)
class PartUpload:
    """`part` is the remote path, `block` the bytes per write.

    `moved` is told of each step, also of those that send nothing.
    """

    client: SFTPClient
    part: str
    block: int
    moved: Callable[[], None]
    keep_going: Callable[[], bool]

    def send(self, file: OutgoingFile, progress: Callable[[int], None]) -> str:
        """Send what the part lacks; returns the SHA-256 of all bytes read.

        `progress` gets the size of each write that the server confirmed. Raises Stopped
        when `keep_going` says no; what was sent stays for the next attempt.
        """

        def acknowledged(size: int) -> None:
            self.moved()
            progress(size)

        digest = hashlib.sha256()
        with _open(file) as source:
            offset = self._common_prefix(source, file.size)
            source.seek(0)
            for block in self._blocks(source, offset):
                digest.update(block)
            with self.client.open(self.part, "r+b" if offset else "wb") as remote:
                writes = PipelinedWrites(remote, self.block, acknowledged)
                for block in self._blocks(source, file.size - offset):
                    # Inline: a thread of its own for the digest measures slower.
                    digest.update(block)
                    writes.write(offset, block)
                    offset += len(block)
                writes.finish()
        return digest.hexdigest()

    def _common_prefix(self, source: BinaryIO, limit: int) -> int:
        """How many bytes of the part can stay: all of them or none.

        Its last WINDOW bytes are read back; whatever comes before them had been confirmed
        when they were sent.
        """
        size = self._size()
        if size > limit:
            return 0
        start = max(0, size - WINDOW)
        source.seek(start)
        if size and not self._reads_back(source, start, size):
            return 0
        return size

    def _size(self) -> int:
        try:
            return self.client.stat(self.part).st_size or 0
        except FileNotFoundError:
            return 0

    def _reads_back(self, source: BinaryIO, start: int, end: int) -> bool:
        with self.client.open(self.part, "rb") as remote:
            remote.MAX_REQUEST_SIZE = self.block
            remote.seek(start)
            return all(
                remote.read(len(block)) == block for block in self._blocks(source, end - start)
            )

    def _blocks(self, source: BinaryIO, length: int) -> Iterator[bytes]:
        """The next `length` bytes of the local file; fewer if it ends before."""
        while length > 0:
            if not self.keep_going():
                raise Stopped("The upload was stopped between two blocks.")
            block = _read(source, min(length, self.block))
            if not block:
                return
            self.moved()
            yield block
            length -= len(block)


def _open(file: OutgoingFile) -> BinaryIO:
    try:
        return file.open()
    except OSError as error:
        raise _unreadable(error) from error


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise _unreadable(error) from error


def _unreadable(error: OSError) -> DeliveryFailed:
    """A fault on our side; it must not look like one of the server."""
    reason = error.strerror or type(error).__name__
    return DeliveryFailed(
        FailureCategory.UNKNOWN, f"An asset could not be read from our own store: {reason}."
    )
