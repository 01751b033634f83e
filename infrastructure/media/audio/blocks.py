"""The one pass: blocks of samples as all meters take them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import lcm

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.stream import AudioStream, Planar, Samples

ROW = 32
"""Meters that only look at loud or only at quiet places find them by the peaks of such rows."""
HOPS_PER_SECOND = 100
"""Loudness is counted in hops of 10 ms: the bursts of Tech 3341 case 13 begin every 20 ms."""
_HIGHEST = np.float32(1e4)
"""Floating point knows more, and NaN, which is silence here: nothing that is measured is either."""
_AT_ONCE = 24_000
"""Frames: with all that is computed of them, two channels stay in a core's second cache."""


@dataclass(frozen=True)
class Block:
    """`samples` as they were read. `planar` has whole rows, with silence behind the last sample;
    `history` is the same with the row before it. `peaks` are of shape (channels, rows), those of
    the absolute samples. `start` and `frames` count from the first sample of the file. All but
    `start` and `frames` are only valid until the next block."""

    samples: Samples
    planar: Planar
    history: Planar
    peaks: NDArray[np.float32]
    start: int
    frames: int


def hop_frames(rate: int) -> int:
    """Exactly 10 ms at every usual rate, within 0.3 % at 11,025 and 22,050 Hz."""
    return max(1, round(rate / HOPS_PER_SECOND))


def blocks(stream: AudioStream, multiple: int) -> Iterator[Block]:
    """Of whole rows, and of a multiple of so many frames, but for the last one."""
    unit = lcm(ROW, multiple)
    size = unit * max(1, _AT_ONCE // unit)
    history = np.zeros((stream.channels, ROW + size), np.float32)
    start = 0
    for samples in _resized(stream.blocks(size), size):
        frames = len(samples)
        rows = -(-frames // ROW)
        history[:, :ROW] = history[:, -ROW:]
        planar = history[:, ROW : ROW + rows * ROW]
        planar[:, frames:] = 0.0
        _spread(samples, planar[:, :frames])
        yield Block(
            samples=samples,
            planar=planar,
            history=history[:, : ROW + rows * ROW],
            peaks=_peaks(planar),
            start=start,
            frames=frames,
        )
        start += frames


def _spread(samples: Samples, planar: Planar) -> None:
    if samples.dtype == np.float32:
        np.clip(np.nan_to_num(samples.T), -_HIGHEST, _HIGHEST, out=planar)
    else:
        scale = np.float32(2.0 ** (1 - 8 * samples.dtype.itemsize))
        np.multiply(samples.T, scale, out=planar, dtype=np.float32, casting="same_kind")


def _peaks(planar: Planar) -> NDArray[np.float32]:
    """Of every row: numpy finds them four times as fast across rows as along them."""
    across = planar.reshape(len(planar), -1, ROW).transpose(2, 0, 1)
    peaks: NDArray[np.float32] = np.abs(across, out=np.empty(across.shape, np.float32)).max(axis=0)
    return peaks


def _resized(given: Iterator[Samples], size: int) -> Iterator[Samples]:
    """Readers keep to the size; this holds where one does not."""
    kept: Samples | None = None
    for samples in given:
        if kept is not None:
            samples = np.concatenate([kept, samples])
        for at in range(0, len(samples) - size + 1, size):
            yield samples[at : at + size]
        rest = samples[len(samples) // size * size :]
        kept = rest.copy() if len(rest) else None
    if kept is not None:
        yield kept
