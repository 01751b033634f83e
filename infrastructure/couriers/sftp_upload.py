"""Sends one file to its `.part`, continuing what the server already holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from paramiko import SFTPClient

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.own_file import OwnFile, own_file
from deadwax.infrastructure.couriers.sftp_wire import WINDOW, PipelinedWrites
from deadwax.infrastructure.couriers.ssh import SshConnection


@dataclass(frozen=True)
class PartUpload:
    """`part` is the remote path, `block` the bytes per write."""

    connection: SshConnection
    client: SFTPClient
    part: str
    block: int
    keep_going: Callable[[], bool]

    def send(self, file: OutgoingFile, progress: Callable[[int], None]) -> bool:
        """Send what the part lacks; False if our bytes are not those on record.

        `progress` gets the size of each write that the server confirmed. Raises Stopped
        when `keep_going` says no; what was sent stays for the next attempt.
        """
        held = self._size()
        if 0 < held <= file.size:
            with own_file(file, self.block, self.keep_going) as ours:
                if self._is_prefix(ours, held):
                    return self._write(ours, held, progress)
        with own_file(file, self.block, self.keep_going) as ours:
            return self._write(ours, 0, progress)

    def _write(self, ours: OwnFile, offset: int, progress: Callable[[int], None]) -> bool:
        def acknowledged(size: int) -> None:
            self.connection.moved()
            progress(size)

        with self.client.open(self.part, "r+b" if offset else "wb") as remote:
            writes = PipelinedWrites(remote, self.block, acknowledged)
            for block in self.connection.reading(ours.blocks(ours.file.size - offset)):
                writes.write(offset, block)
                offset += len(block)
            writes.finish()
        return ours.is_as_recorded

    def _size(self) -> int:
        try:
            return self.client.stat(self.part).st_size or 0
        except FileNotFoundError:
            return 0

    def _is_prefix(self, ours: OwnFile, held: int) -> bool:
        """Whether the part begins our file. Its last WINDOW bytes are read back; whatever comes
        before them had been confirmed when they were sent."""
        for _ in self.connection.reading(ours.blocks(max(0, held - WINDOW))):
            pass
        with self.client.open(self.part, "rb") as remote:
            remote.MAX_REQUEST_SIZE = self.block
            remote.seek(max(0, held - WINDOW))
            for block in self.connection.reading(ours.blocks(min(WINDOW, held))):
                if remote.read(len(block)) != block:
                    return False
        return True
