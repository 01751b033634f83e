"""Sends one file to its `.part` by FTP, continuing what the server already holds."""

from __future__ import annotations

import ftplib
from collections.abc import Callable, Iterator

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.couriers import ftp_files as remote
from deadwax.infrastructure.couriers.ftp_wire import BLOCK, FtpSession
from deadwax.infrastructure.couriers.own_file import OwnFile, own_file

_TAIL = 1024 * 1024
"""Bytes of what the server holds that are read back before it is gone on with."""


def send(
    session: FtpSession,
    part: str,
    file: OutgoingFile,
    keep_going: Callable[[], bool],
    progress: Callable[[int], None],
) -> bool:
    """Send what the part lacks; False if our bytes are not those on record. Raises Stopped when
    `keep_going` says no; what was sent stays for the next attempt."""
    held = remote.size_of(session, part) or 0
    if 0 < held <= file.size:
        with own_file(file, BLOCK, keep_going) as ours:
            if _is_prefix(session, part, ours, held) and _append(session, part, ours, progress):
                return ours.is_as_recorded
    with own_file(file, BLOCK, keep_going) as ours:
        session.store(f"STOR {part}", ours.blocks(file.size), progress)
        return ours.is_as_recorded


def _is_prefix(session: FtpSession, part: str, ours: OwnFile, held: int) -> bool:
    """Whether the part begins our file. A server that lets nothing be read back, or not from the
    middle, gets the file anew."""
    start = max(0, held - _TAIL)
    try:
        tail = remote.read(session, part, start, held - start)
    except (ftplib.error_perm, ftplib.error_temp):
        return False
    for _ in session.ours(ours.blocks(start)):
        pass
    return b"".join(session.ours(ours.blocks(held - start))) == tail


def _append(session: FtpSession, part: str, ours: OwnFile, progress: Callable[[int], None]) -> bool:
    """False where the server lets nothing be appended."""
    if ours.position == ours.file.size:
        return True
    begun = False

    def rest() -> Iterator[bytes]:
        nonlocal begun
        begun = True
        yield from ours.blocks(ours.file.size - ours.position)

    try:
        session.store(f"APPE {part}", rest(), progress)
    except ftplib.error_perm:
        if begun:
            raise
        return False
    return True
