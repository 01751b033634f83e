"""ID3 tags, as far as one has to step over them (ID3v2.4, section 3.1; ID3v1)."""

from __future__ import annotations


def length_of_id3(head: bytes) -> int:
    """The bytes of the ID3v2 tag whose first ten are given, 0 where there is none."""
    if len(head) < 10 or head[:3] != b"ID3" or any(byte & 0x80 for byte in head[6:10]):
        return 0
    a, b, c, d = head[6:10]
    footer = 10 if head[5] & 0x10 else 0
    return (a << 21 | b << 14 | c << 7 | d) + 10 + footer


def is_id3v1(tail: bytes) -> bool:
    """Whether the last 128 bytes of a file are a tag."""
    return len(tail) == 128 and tail[:3] == b"TAG"
