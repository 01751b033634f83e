"""Files and folders of an FTP server, by what the server offers for each question."""

from __future__ import annotations

import ftplib
import posixpath
import re

from deadwax.infrastructure.couriers.ftp_failures import NOT_THERE, UNKNOWN_COMMAND, code_of
from deadwax.infrastructure.couriers.ftp_wire import FtpSession

_NOTHING_LISTED = {"450", "550"}
"""What some say of an empty folder."""

_HASHES = {
    "sha256": (64, "SHA-256", "XSHA256"),
    "md5": (32, "MD5", "XMD5"),
}
"""Hex digits, the name for HASH (draft-bryan-ftpext-hash), the older command."""


def size_of(session: FtpSession, path: str) -> int | None:
    """None if there is no file. RFC 3659; MLST where there is no SIZE. Raises ftplib.Error, of a
    server too that tells no sizes: what it has could not be proven."""
    try:
        return int(session.sendcmd(f"SIZE {path}")[3:])
    except ftplib.error_perm as refused:
        if code_of(refused) == NOT_THERE:
            return None
        if code_of(refused) not in UNKNOWN_COMMAND or "MLST" not in session.features:
            raise
    return _size_by_facts(session, path)


def _size_by_facts(session: FtpSession, path: str) -> int | None:
    try:
        entry = session.sendcmd(f"MLST {path}").splitlines()[1]
    except ftplib.error_perm as refused:
        if code_of(refused) != NOT_THERE:
            raise
        return None
    _, size = _facts(entry)
    return size


def is_folder(session: FtpSession, path: str) -> bool:
    try:
        session.voidcmd(f"CWD {path}")
    except ftplib.error_perm as refused:
        if code_of(refused) != NOT_THERE:
            raise
        return False
    return True


def files_in(session: FtpSession, folder: str) -> dict[str, int]:
    """Size by name; empty for what is no folder."""
    if not is_folder(session, folder):
        return {}
    if "MLST" in session.features:
        found = (_facts(line) for line in _lines(session, "MLSD"))
        sizes = {name: size for name, size in found if size is not None}
    else:
        # Not LIST: how it looks is each server's own.
        paths = {posixpath.basename(line): line for line in _lines(session, "NLST")}
        looked = {name: size_of(session, posixpath.join(folder, name)) for name in paths}
        sizes = {name: size for name, size in looked.items() if size is not None}
    # A name with a slash would lead out of the folder: no honest server sends one.
    return {name: sizes[name] for name in sorted(sizes) if "/" not in name}


def _lines(session: FtpSession, command: str) -> list[str]:
    data = bytearray()

    def take(block: bytes) -> bool:
        data.extend(block)
        return False

    try:
        session.retrieve(command, take)
    except ftplib.Error as refused:
        if code_of(refused) not in _NOTHING_LISTED:
            raise
    return [line for line in data.decode(errors="replace").split("\r\n") if line]


def _facts(line: str) -> tuple[str, int | None]:
    """Name and size of an entry; no size if it is no file (RFC 3659, 7.2)."""
    facts, _, name = line.strip("\r\n").lstrip(" ").partition(" ")
    known = dict(fact.lower().partition("=")[::2] for fact in facts.split(";"))
    is_file = known.get("type") == "file"
    return name, int(known["size"]) if is_file and known.get("size", "").isdigit() else None


def rename(session: FtpSession, old: str, new: str) -> None:
    session.sendcmd(f"RNFR {old}")
    session.voidcmd(f"RNTO {new}")


def delete(session: FtpSession, path: str) -> None:
    """Nothing if it is not there."""
    try:
        session.voidcmd(f"DELE {path}")
    except ftplib.error_perm as refused:
        if code_of(refused) != NOT_THERE or size_of(session, path) is not None:
            raise


def read(session: FtpSession, path: str, offset: int, size: int) -> bytes:
    """At most `size` bytes from `offset`."""
    data = bytearray()

    def take(block: bytes) -> bool:
        data.extend(block)
        return len(data) >= size

    session.retrieve(f"RETR {path}", take, offset)
    return bytes(data[:size])


def digest_of(session: FtpSession, path: str) -> tuple[str, str] | None:
    """What the server itself computes of a file: the kind and lower-case hex; None if nothing."""
    for kind, (digits, name, command) in _HASHES.items():
        try:
            if name in session.features.get("HASH", "").upper().replace("*", "").split(";"):
                session.voidcmd(f"OPTS HASH {name}")
                reply = session.sendcmd(f"HASH {path}")
            elif command in session.features:
                reply = session.sendcmd(f"{command} {path}")
            else:
                continue
        except (ftplib.error_perm, ftplib.error_temp):
            continue  # too large for it, or not for us
        # The path may follow, and may hold anything.
        found = re.search(rf"(?<![0-9a-f])[0-9a-f]{{{digits}}}(?![0-9a-f])", reply.lower())
        if found:
            return kind, found[0]
    return None
