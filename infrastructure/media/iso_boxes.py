"""The boxes that MP4 and QuickTime files consist of: ISO/IEC 14496-12, 4.2."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

MOST_BOXES = 10_000
"""Of a file, side by side; healthy ones have a dozen."""


def head_at(file: BinaryIO, at: int, size: int) -> tuple[bytes, int, int]:
    """Kind, length and length of the head of the box at `at` in a file of `size` bytes. The length
    is what the box states, be it less than its head or beyond the end of the file."""
    file.seek(at)
    head = file.read(16)
    length, kind = struct.unpack_from(">I4s", head) if len(head) >= 8 else (0, b"")
    if length == 1 and len(head) == 16:
        return kind, struct.unpack_from(">Q", head, 8)[0], 16
    if length == 0 and kind:
        return kind, size - at, 8
    return kind, length, 8


def inside(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and body of each box in the body of another, up to the first that cannot be."""
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > len(data):
            return
        yield kind, data[at + 8 : at + length]
        at += length
