"""Compares what stands on an FTP server with what was to be sent."""

from __future__ import annotations

import hashlib

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers import ftp_files as remote
from deadwax.infrastructure.couriers.ftp_wire import BLOCK, FtpSession
from deadwax.infrastructure.couriers.own_file import own_file
from deadwax.infrastructure.couriers.samples import read_back

_MOST_HASHED = 1024 * 1024 * 1024
"""Bytes of which a server may compute the digest: it says nothing meanwhile."""


def compare(session: FtpSession, path: str, file: OutgoingFile) -> str | None:
    """By the server's own digest if it computes one, or else by reading back. Says by which, None
    if it differs. The sizes are known to agree. Raises as ftplib does."""
    found = remote.digest_of(session, path) if file.size <= _MOST_HASHED else None
    if found is None:
        return _read_back(session, path, file)
    kind, digest = found
    return kind if digest == _own_digest(session, kind, file) else None


def _read_back(session: FtpSession, path: str, file: OutgoingFile) -> str | None:
    """Only the server's part of it is watched: our own file may come slowly."""

    def read(offset: int, size: int) -> bytes:
        session.moved()
        found = remote.read(session, path, offset, size)
        session.rest()
        return found

    session.rest()
    return read_back(file, read)


def _own_digest(session: FtpSession, kind: str, file: OutgoingFile) -> str:
    if kind == "sha256":
        return file.sha256
    digest = hashlib.new(kind, usedforsecurity=False)
    with own_file(file, BLOCK) as ours:
        for block in session.ours(ours.blocks(file.size)):
            digest.update(block)
    return digest.hexdigest()
