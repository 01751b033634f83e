"""Where the spectrum ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal.windows import blackmanharris

from deadwax.infrastructure.media.audio.blocks import Block
from deadwax.infrastructure.media.audio.stream import Planar

_BIN_HZ = 23.0
_BAND = 5
"""Bins whose power is taken together: about 110 Hz."""
_GATE = 10 ** (-60 / 10)
"""Quieter frames say nothing about the spectrum."""
_LOWEST_HZ = 4_000.0
_BELOW_HZ = 1_500.0
_WALL_HZ = 1_000.0
_LEAST_ABOVE_HZ = 500.0
_LEAST_DROP = 25.0
_EDGE = 10.0


class SpectrumMeter:
    """The mean of the levels of frames, in dB: a few clipped frames, with their harmonics above
    what the source had, weigh no more than others."""

    def __init__(self, rate: int) -> None:
        self._size = 2 ** round(np.log2(rate / _BIN_HZ))
        self._band_hz = _BAND * rate / self._size
        self._window = blackmanharris(self._size, sym=False).astype(np.float32)
        self._window /= np.sqrt((self._window**2).sum() * self._size)
        self._sum = np.zeros((self._size // 2) // _BAND)
        self._frames = 0

    def add(self, block: Block) -> None:
        """One frame of each block: there are several in a second."""
        if block.frames >= self._size:
            self._frame(block.planar[:, : self._size])

    def cutoff(self) -> tuple[float | None, float | None]:
        """Hz and drop in dB, see `wall`."""
        if not self._frames:
            return None, None
        return wall(self._sum / self._frames, self._band_hz)

    def _frame(self, frame: Planar) -> None:
        power = (np.abs(rfft(frame * self._window)) ** 2).sum(axis=0)
        if power.sum() < _GATE:
            return
        bands = power[1 : 1 + len(self._sum) * _BAND].reshape(-1, _BAND).mean(axis=1)
        self._sum += 10 * np.log10(np.maximum(bands, 1e-20))
        self._frames += 1


def wall(levels: NDArray[np.float64], band_hz: float) -> tuple[float | None, float | None]:
    """The frequency behind which there is nothing any more, and by how many dB the level drops.

    Above any point there must be less than below it: the drop is that from the quiet parts (the
    lowest fifth) of the 1.5 kHz below it to the loudest of all that is more than 1 kHz above. Where
    it is greatest, the spectrum has a wall: a filter of a codec or a converter. Instruments and
    microphones fall by less than 25 dB within 1 kHz anywhere above 4 kHz, single tones leave the
    lowest fifth empty, and quiet material has no room to drop. The frequency is the last one before
    the wall whose level is within 10 dB of that below it.
    """
    below, gap = round(_BELOW_HZ / band_hz), round(_WALL_HZ / band_hz)
    last = len(levels) - gap - round(_LEAST_ABOVE_HZ / band_hz)
    first = max(round(_LOWEST_HZ / band_hz), below)
    if last <= first:
        return None, None
    loudest_above = np.maximum.accumulate(levels[::-1])[::-1]
    floors = np.array([np.percentile(levels[at - below : at], 20) for at in range(first, last)])
    drops = floors - loudest_above[first + gap : last + gap]
    best = int(drops.argmax())
    drop = float(drops[best])
    if drop < _LEAST_DROP:
        return None, None
    within = np.flatnonzero(levels[: first + best + gap] >= floors[best] - _EDGE)
    return float((within[-1] + 1) * band_hz), drop
