"""The frames of MP3 (MPEG audio layer III): ISO/IEC 11172-3 and 13818-3."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass

_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBIT_1 = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBIT_2 = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)


@dataclass(frozen=True, kw_only=True)
class Frame:
    """`length` in bytes, with its header; `side` the bytes between the header and the samples,
    where the first frame has the tag of an encoder."""

    rate: int
    channels: int
    bit_rate: int
    length: int
    samples: int
    side: int


def frame(head: bytes) -> Frame | None:
    """Of the four bytes of a header; None for what is none, and for free bit rates."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return None
    version, rate, kbit = head[1] >> 3 & 3, head[2] >> 2 & 3, head[2] >> 4
    if version == 1 or rate == 3 or not 0 < kbit < 15 or head[3] & 3 == 2:
        return None
    full, mono = version == 3, head[3] >> 6 == 3
    bit_rate = (_KBIT_1 if full else _KBIT_2)[kbit - 1] * 1000
    hertz = _RATES[version][rate]
    return Frame(
        rate=hertz,
        channels=1 if mono else 2,
        bit_rate=bit_rate,
        length=(144 if full else 72) * bit_rate // hertz + (head[2] >> 1 & 1),
        samples=1152 if full else 576,
        side=(17 if mono else 32) if full else (9 if mono else 17),
    )


def is_chain(data: bytes, at: int, links: int = 3) -> bool:
    """Whether so many frames of one rate follow each other, or end with the data, but
    for a piece of one."""
    rate = None
    for link in range(links):
        found = frame(data[at : at + 4])
        if found is None or found.rate != (rate or found.rate):
            return False
        rate, at = found.rate, at + found.length
        if at >= len(data):
            return bool(link) or at == len(data)
    return True


@dataclass(frozen=True, kw_only=True)
class Walked:
    """`frames` are whole ones. `cut` are the bytes that the last one lacks, `gaps` the places
    (frames before it, bytes) with something else, `tail` the bytes after the last frame."""

    frames: int
    cut: int
    gaps: tuple[tuple[int, int], ...]
    tail: int


def walk(data: mmap.mmap, at: int, end: int) -> Walked:
    """Every frame from `at`, where one begins, to `end`."""
    count, gaps = 0, list[tuple[int, int]]()
    first = frame(data[at : at + 4])
    rate = first.rate if first else 0
    while at + 4 <= end:
        found = frame(data[at : at + 4])
        if found is not None and found.rate == rate:
            if at + found.length > end:
                return Walked(frames=count, cut=at + found.length - end, gaps=tuple(gaps), tail=0)
            count, at = count + 1, at + found.length
            continue
        following = next(_chains(data, at + 1, end, rate), None)
        if following is None:
            break
        gaps.append((count, following - at))
        at = following
    return Walked(frames=count, cut=0, gaps=tuple(gaps), tail=end - at)


def _chains(data: mmap.mmap, at: int, end: int, rate: int) -> Iterator[int]:
    """Where two frames follow each other."""
    while (at := data.find(b"\xff", at, end - 4)) >= 0:
        found = frame(data[at : at + 4])
        if found is not None and found.rate == rate:
            after = at + found.length
            if after >= end or frame(data[after : after + 4]) is not None:
                yield at
        at += 1
