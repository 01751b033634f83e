"""Compares what stands on an SFTP server with what was to be sent."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable

from paramiko import SFTPClient

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers.sftp_wire import check_file

_BLOCK = 64 * 1024
_SAMPLES = 6
SMALL = 1024 * 1024
"""Bytes up to which the whole file is read back."""


class Differs(Exception):
    """Other bytes stand there."""


def compare(client: SFTPClient, path: str, file: OutgoingFile, moved: Callable[[], None]) -> str:
    """By the server's own SHA-256 if it computes one (few do), or else by reading back: a small
    file whole, of a large one some blocks, the first and the last among them. Says by which.
    The sizes are known to agree. Raises Differs, or OSError as paramiko does."""
    digest = check_file(client, path)
    if digest is not None:
        _require(digest == file.sha256)
        return "sha256"
    if file.size <= SMALL:
        read = hashlib.sha256()
        with client.open(path, "rb") as remote:
            while block := remote.read(_BLOCK // 2):  # what every server gives at once
                moved()
                read.update(block)
        _require(read.hexdigest() == file.sha256)
        return "sha256"
    with client.open(path, "rb") as remote, file.open() as source:
        for offset in _offsets(file.size):
            source.seek(offset)
            remote.seek(offset)
            _require(remote.read(_BLOCK) == source.read(_BLOCK))
            moved()
    return "sampled"


def _offsets(size: int) -> list[int]:
    """Others each time, so that looking twice finds more."""
    last = size - _BLOCK
    between = random.sample(range(1, last), _SAMPLES - 2)
    return [0, *sorted(between), last]


def _require(same: bool) -> None:
    if not same:
        raise Differs
