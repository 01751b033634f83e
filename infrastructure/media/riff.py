"""The chunks of a WAV file that say it is an immersive master (ITU-R BS.2076 ADM)."""

from __future__ import annotations

import struct

from deadwax.domain.assets import DOLBY_ATMOS

_MOST_CHUNKS = 1000


def immersive_format(path: str) -> str | None:
    """`DolbyAtmos` for a BWF with an audio definition model and Dolby metadata, `ADM` for one
    without the latter, None for any other file."""
    found = _chunks(path)
    if not {b"axml", b"chna"} <= found:
        return None
    return DOLBY_ATMOS if b"dbmd" in found else "ADM"


def _chunks(path: str) -> set[bytes]:
    found: set[bytes] = set()
    with open(path, "rb") as file:
        head = file.read(12)
        if head[:4] not in (b"RIFF", b"RF64", b"BW64") or head[8:12] != b"WAVE":
            return found
        long_data = 0
        for _ in range(_MOST_CHUNKS):
            header = file.read(8)
            if len(header) < 8:
                return found
            kind, size = struct.unpack("<4sI", header)
            found.add(kind)
            body = file.tell()
            if kind == b"ds64":
                long_data = struct.unpack("<Q", file.read(16)[8:])[0]
            if kind == b"data" and size == 0xFFFFFFFF:
                size = long_data
            file.seek(body + size + size % 2)
    return found
