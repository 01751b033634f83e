"""Compares what stands on an SFTP server with what was to be sent."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator, Sequence

from paramiko import SFTPClient

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.sftp_wire import check_file
from deadwax.infrastructure.couriers.ssh import SshConnection

_BLOCK = 32 * 1024
"""Bytes that every server gives at once."""
_SAMPLES = 8
SMALL = 1024 * 1024
"""Bytes up to which the whole file is read back."""


class Differs(Exception):
    """Other bytes stand there."""


class Comparison:
    """For one session."""

    def __init__(self, connection: SshConnection, client: SFTPClient) -> None:
        self._connection, self._client = connection, client
        self._server_hashes = True

    def compare(self, path: str, file: OutgoingFile) -> str:
        """By the server's own SHA-256 if it computes one (few do), or else by reading back: a
        small file whole, of a large one some blocks, the first and the last among them. Says by
        which. The sizes are known to agree. Raises Differs, or OSError as paramiko does."""
        digest = check_file(self._client, path) if self._server_hashes else None
        if digest is not None:
            _require(digest == file.sha256)
            return "sha256"
        self._server_hashes = False
        if file.size <= SMALL:
            read = hashlib.sha256()
            for block in self._blocks(path, file, range(0, file.size, _BLOCK)):
                read.update(block)
            _require(read.hexdigest() == file.sha256)
            return "sha256"
        offsets = _offsets(file.size)
        ours = self._connection.reading(_ours(file, offsets))
        for theirs, own in zip(self._blocks(path, file, offsets), ours, strict=True):
            _require(theirs == own)
        return "sampled"

    def _blocks(self, path: str, file: OutgoingFile, offsets: Sequence[int]) -> Iterator[bytes]:
        """All are asked for at once: over a link with delay each would take a round trip."""
        with self._client.open(path, "rb") as remote:
            wanted = [(offset, min(_BLOCK, file.size - offset)) for offset in offsets]
            for block in remote.readv(wanted):
                self._connection.moved()
                yield block


def _ours(file: OutgoingFile, offsets: Sequence[int]) -> Iterator[bytes]:
    with file.open() as stored:
        for offset in offsets:
            stored.seek(offset)
            yield stored.read(_BLOCK)


def _offsets(size: int) -> Sequence[int]:
    """Others each time, so that looking twice finds more."""
    last = size - _BLOCK
    between = random.sample(range(1, last), _SAMPLES - 2)
    return [0, *sorted(between), last]


def _require(same: bool) -> None:
    if not same:
        raise Differs
