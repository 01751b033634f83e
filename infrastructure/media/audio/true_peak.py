"""True peak: ITU-R BS.1770-4 annex 2, four times oversampled at every rate."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import ROW, Block

_OVERSAMPLING = 4
_TAPS = 32
_KAISER_BETA = 6.0
_FIRST = 8
"""Rows that are computed first: the peak is mostly in one of the loudest."""


def _interpolators() -> NDArray[np.float32]:
    """Of shape (phases, taps): a windowed sinc for each position between two samples."""
    taps = np.arange(_TAPS) - (_TAPS / 2 - 1)
    phases = np.arange(1, _OVERSAMPLING)[:, None] / _OVERSAMPLING
    window = np.i0(_KAISER_BETA * np.sqrt(1 - ((taps - phases) / (_TAPS / 2)) ** 2))
    filters: NDArray[np.float64] = np.sinc(taps - phases) * window
    filters /= filters.sum(axis=1, keepdims=True)
    return filters.astype(np.float32)


def _banded() -> NDArray[np.float32]:
    """The matrix that turns two rows of samples into what lies between those of one row, so that
    a fast matrix product does the filtering. Column p * ROW + i is what comes p / 4 after
    sample ROW + i - TAPS / 2 of the two rows."""
    matrix = np.zeros((2 * ROW, _OVERSAMPLING - 1, ROW), np.float32)
    for phase, taps in enumerate(_interpolators()):
        for column in range(ROW):
            first = ROW + column - (_TAPS - 1)
            matrix[first : first + _TAPS, phase, column] = taps
    return matrix.reshape(2 * ROW, -1)


_MATRIX = _banded()
_GAIN = np.float32(np.abs(_interpolators()).sum(axis=1).max() * 1.0001)
"""What lies between samples is at most so much higher than the highest of these samples."""


class TruePeakMeter:
    """`peak` so far, and where, in frames. Rows that cannot hold a higher one than is known are
    left out, which changes nothing in the result."""

    def __init__(self, channels: int) -> None:
        self.peak = np.float32(0.0)
        self.at = 0.0
        self._before = np.zeros((channels, 1), np.float32)
        self._tail = np.zeros((channels, 2 * ROW), np.float32)
        self._end = 0

    def add(self, block: Block) -> None:
        before = np.concatenate([self._before, block.peaks[:, :-1]], axis=1)
        reach = np.maximum(block.peaks, before) * _GAIN
        self._samples(block)
        for channel, bounds in enumerate(reach):
            self._loudest_first(block.history[channel], bounds, block.start)
        self._before = block.peaks[:, -1:].copy()
        self._tail[:, :ROW] = block.history[:, -ROW:]
        self._end = block.start + block.planar.shape[1]

    def finish(self) -> None:
        """What lies between the last samples and the silence behind them."""
        for channel in self._tail:
            self._between(channel, np.array([0]), self._end)

    def _samples(self, block: Block) -> None:
        peak = block.peaks.max()
        if peak > self.peak:
            channel, row = np.unravel_index(int(block.peaks.argmax()), block.peaks.shape)
            samples = block.planar[channel, row * ROW : (row + 1) * ROW]
            self.peak = peak
            self.at = float(block.start + row * ROW + int(np.abs(samples).argmax()))

    def _loudest_first(
        self, history: NDArray[np.float32], bounds: NDArray[np.float32], start: int
    ) -> None:
        candidates = np.flatnonzero(bounds > self.peak)
        if len(candidates) > _FIRST:
            loudest = np.argpartition(bounds[candidates], -_FIRST)[-_FIRST:]
            self._between(history, candidates[loudest], start)
            candidates = np.flatnonzero(bounds > self.peak)
        if len(candidates):
            self._between(history, candidates, start)

    def _between(self, history: NDArray[np.float32], rows: NDArray[np.intp], start: int) -> None:
        width = history.strides[0]
        pairs = as_strided(history, (len(history) // ROW - 1, 2 * ROW), (ROW * width, width))
        found = pairs[rows] @ _MATRIX
        highest = max(found.max(), -found.min())
        if highest > self.peak:
            row, column = divmod(int(np.abs(found).argmax()), found.shape[1])
            phase, offset = divmod(column, ROW)
            self.peak = highest
            self.at = max(
                0.0,
                start + int(rows[row]) * ROW + offset - _TAPS / 2 + (phase + 1) / _OVERSAMPLING,
            )
