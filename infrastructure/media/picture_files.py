"""The bytes of picture files: whether they end where they should, and what follows."""

from __future__ import annotations

import mmap
import re
import zlib

from deadwax.domain.media.measured import Fault

_PNG = b"\x89PNG\r\n\x1a\n"
# In JPEG's entropy-coded data FF is followed by 00 or by a restart marker; anything else ends it.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)
_END_OF_IMAGE, _START_OF_SCAN = 0xD9, 0xDA
_ALONE = frozenset({0x01, *range(0xD0, 0xD8)})


class _Ended(Exception):
    """The bytes end before the picture does."""


def faults(path: str) -> tuple[Fault, ...]:
    """`truncated`, `image_damaged` and `image_data_after_end` of a JPEG, PNG or WebP. A TIFF may
    keep its parts in any order, so that only decoding tells."""
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            end = _end(data)
        except _Ended:
            return (truncated(),)
        except _Damaged as damage:
            return (damage.fault,)
        if end is None or end == len(data):
            return ()
        return (_after(len(data) - end),)


def truncated() -> Fault:
    return Fault(code="truncated", message="The file ends before the picture does.")


def bits(path: str) -> int:
    """Bits per channel of a JPEG, PNG or WebP, which Pillow does not tell."""
    with open(path, "rb") as file:
        head = file.read(25)
    return head[24] if head.startswith(_PNG) and len(head) == 25 else 8


class _Damaged(Exception):
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.message)
        self.fault = fault


def _after(count: int) -> Fault:
    return Fault(
        code="image_data_after_end",
        message=f"{count} bytes that are no part of the picture follow its end.",
        value=count,
        limit=0,
    )


def _end(data: mmap.mmap) -> int | None:
    if data[:8] == _PNG:
        return _png_end(data)
    if data[:2] == b"\xff\xd8":
        end = _jpeg_end(data)
        return None if b"MPF\x00" in data[: min(end, 65_536)] else end
    return _webp_end(data) if data[:4] == b"RIFF" else None


def _png_end(data: mmap.mmap) -> int:
    """Behind its IEND chunk; every CRC is checked."""
    at, size = len(_PNG), len(data)
    while at + 12 <= size:
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 12 + length
        if end > size:
            raise _Ended
        kind = data[at + 4 : at + 8]
        with memoryview(data) as view, view[at + 4 : end - 4] as body:
            found = zlib.crc32(body)
        stated = int.from_bytes(data[end - 4 : end], "big")
        if found != stated:
            raise _Damaged(_crc(kind, found, stated))
        if kind == b"IEND":
            return end
        at = end
    raise _Ended


def _crc(kind: bytes, found: int, stated: int) -> Fault:
    return Fault(
        code="image_damaged",
        message=f"The checksum of its {kind.decode('ascii', 'replace')} part is wrong.",
        value=f"{found:08x}",
        limit=f"{stated:08x}",
    )


def _jpeg_end(data: mmap.mmap) -> int:
    """Behind its end-of-image marker."""
    at, size = 2, len(data)
    while at + 2 <= size:
        if data[at] != 0xFF:
            raise _Ended
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2
        if marker == _END_OF_IMAGE:
            return at
        if marker == 0xFF or marker in _ALONE:
            continue
        at += int.from_bytes(data[at : at + 2], "big")
        if marker == _START_OF_SCAN:
            found = _MARKER.search(data, at)
            if found is None:
                raise _Ended
            at = found.start()
    raise _Ended


def _webp_end(data: mmap.mmap) -> int:
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise _Ended
    return end
