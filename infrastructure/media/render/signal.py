"""Blocks of samples on their way: cut, resampled, made louder or softer, faded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

Floats = NDArray[np.float64]
"""Of shape (frames, channels), full scale at 1."""


def floats(blocks: Iterable[NDArray[Any]]) -> Iterator[Floats]:
    """Of left-justified integers, or of floats."""
    for block in blocks:
        if block.dtype.kind == "f":
            yield block.astype(np.float64)
        else:
            yield block * 2.0 ** (1 - 8 * block.dtype.itemsize)


def cut(blocks: Iterable[Floats], first: int, count: int) -> Iterator[Floats]:
    """At most `count` frames from the one numbered `first`. Reads no further."""
    at = 0
    for block in blocks:
        part = block[max(0, first - at) : max(0, first + count - at)]
        at += len(block)
        if len(part):
            yield part
        if at >= first + count:
            return


def resampled(blocks: Iterable[Floats], channels: int, rate: int, to: int) -> Iterator[Floats]:
    """By soxr's very high quality: passband to 91 % of Nyquist, aliases below any 24 bit noise."""
    if rate == to:
        yield from blocks
        return
    stream = soxr.ResampleStream(rate, to, channels, dtype="float64", quality="VHQ")
    for block in blocks:
        made = stream.resample_chunk(np.ascontiguousarray(block))
        if len(made):
            yield made.reshape(-1, channels)
    yield stream.resample_chunk(np.zeros((0, channels)), last=True).reshape(-1, channels)


def amplified(blocks: Iterable[Floats], gain: float) -> Iterator[Floats]:
    for block in blocks:
        yield block if gain == 1.0 else block * gain


def faded(blocks: Iterable[Floats], frames: int) -> Iterator[Floats]:
    """In and out by half a cosine each: the first and the last sample are silent. What is shorter
    than a fade gets both over all of it."""
    up, at, held = rising(frames), 0, None
    for block in blocks:
        ramp = up[at : at + len(block)]
        at += len(block)
        if len(ramp):
            block = block.copy()
            block[: len(ramp)] *= ramp[:, None]
        held = block if held is None else np.concatenate([held, block])
        if len(held) > frames:
            yield held[: len(held) - frames]
            held = held[len(held) - frames :]
    if held is not None:
        yield held * up[: len(held)][::-1, None]


def rising(frames: int) -> Floats:
    """From 0 to 1."""
    if frames < 2:
        return np.zeros(frames)
    ramp: Floats = 0.5 - 0.5 * np.cos(np.pi * np.arange(frames) / (frames - 1))
    return ramp
