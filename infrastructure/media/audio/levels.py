"""Silence, clipping, offset and correlation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import ROW, Block

SILENCE = np.float32(10 ** (-60 / 20))
_INNER_SECONDS = 0.1
"""Shorter ones are the crossings of zero of any music."""
_CLIPPED = 3


class SilenceMeter:
    """Where all channels are below -60 dBFS. In frames; `first` is None where nothing is louder."""

    def __init__(self, rate: int) -> None:
        self.first: int | None = None
        self.last = -1
        self.longest = 0
        self.longest_at = 0
        self._shortest = _INNER_SECONDS * rate

    def add(self, block: Block) -> None:
        loud = np.flatnonzero(block.peaks.max(axis=0) >= SILENCE)
        if not len(loud):
            return
        first, last = self._edges(block, loud[0])[0], self._edges(block, loud[-1])[1]
        if self.first is None:
            self.first = first
        else:
            self._gap(self.last, first)
        gaps = np.diff(loud)
        for index in np.flatnonzero((gaps - 1) * ROW + 2 * ROW > max(self.longest, self._shortest)):
            self._gap(self._edges(block, loud[index])[1], self._edges(block, loud[index + 1])[0])
        self.last = last

    def _gap(self, before: int, after: int) -> None:
        silent = after - before - 1
        if silent >= self._shortest and silent > self.longest:
            self.longest, self.longest_at = silent, before + 1

    def _edges(self, block: Block, row: int) -> tuple[int, int]:
        """The first and the last frame of this row that is no silence."""
        samples = np.abs(block.planar[:, row * ROW : (row + 1) * ROW]).max(axis=0)
        loud = np.flatnonzero(samples >= SILENCE)
        start = block.start + int(row) * ROW
        return start + int(loud[0]), start + int(loud[-1])


class ClippingMeter:
    """Runs of three or more samples of a channel at full scale. That is within one step of 16 bits
    (or of the stated depth, if that is less), so that copies of a clipped master count: padded
    ones, and those in floating point."""

    def __init__(self, channels: int, bits: int | None) -> None:
        self.runs = 0
        self.longest = 0
        self.first: int | None = None
        self._full = np.float32(1 - 2.0 ** (1 - min(bits or 16, 16)))
        self._open = np.zeros((channels, 2), np.int64)
        """Of the run that ended the last block: where it began and how long it is so far."""

    def add(self, block: Block) -> None:
        for channel, peaks in enumerate(block.peaks):
            rows = np.flatnonzero(peaks >= self._full)
            if len(rows) or self._open[channel, 1]:
                self._runs(block, channel, rows)

    def finish(self) -> None:
        for begin, length in self._open:
            self._count(int(begin), int(length))

    def _runs(self, block: Block, channel: int, rows: NDArray[np.intp]) -> None:
        samples = block.planar[channel].reshape(-1, ROW)[rows]
        row, column = np.nonzero(np.abs(samples) >= self._full)
        at = block.start + rows[row] * ROW + column
        begins = np.flatnonzero(np.diff(at, prepend=-2) != 1)
        firsts, lengths = at[begins], np.diff(begins, append=len(at))
        begin, length = self._open[channel]
        if length and len(firsts) and firsts[0] == begin + length:
            firsts[0], lengths[0] = begin, lengths[0] + length
        elif length:
            self._count(int(begin), int(length))
        self._open[channel] = 0
        if len(firsts) and firsts[-1] + lengths[-1] == block.start + block.frames:
            self._open[channel] = firsts[-1], lengths[-1]
            firsts, lengths = firsts[:-1], lengths[:-1]
        long = lengths >= _CLIPPED
        if long.any():
            self.runs += int(long.sum()) - 1
            self._count(int(firsts[long].min()), int(lengths.max()))

    def _count(self, begin: int, length: int) -> None:
        if length >= _CLIPPED:
            self.runs += 1
            self.longest = max(self.longest, length)
            self.first = begin if self.first is None else min(self.first, begin)


class StereoMeter:
    """Offset of every channel; correlation of the first two, and whether they are the same."""

    def __init__(self, channels: int) -> None:
        self.identical = channels == 2
        self._sums = np.zeros(channels)
        self._products = np.zeros(3)
        self._frames = 0

    def add(self, block: Block) -> None:
        self._sums += block.planar.sum(axis=1)
        self._frames += block.frames
        if len(block.planar) > 1:
            left, right = block.planar[:2]
            self._products += left.dot(left), right.dot(right), left.dot(right)
            self.identical = self.identical and bool((left == right).all())

    def offset(self) -> float:
        """The largest of any channel, without its sign."""
        return float(np.abs(self._sums).max() / self._frames)

    def correlation(self) -> float | None:
        left, right, both = self._products
        return float(both / np.sqrt(left * right)) if left > 0 and right > 0 else None
