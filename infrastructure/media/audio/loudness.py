"""Loudness: ITU-R BS.1770-4, EBU Tech 3341 and Tech 3342."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, tan

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

from deadwax.infrastructure.media.audio.blocks import hop_frames
from deadwax.infrastructure.media.audio.stream import Planar

MOMENTARY = 40
SHORT_TERM = 300
_GATING_HOP = 10
"""Gating blocks of 400 ms overlap by 75 % (BS.1770-4), short-term windows move on alike."""
ABSOLUTE_GATE = -70.0
_RELATIVE_GATE = -10.0
_RANGE_GATE = -20.0
_RANGE = (0.10, 0.95)

_SURROUND = 1.41
WEIGHTS: dict[int, tuple[float, ...]] = {
    1: (1.0,),
    2: (1.0, 1.0),
    3: (1.0, 1.0, 1.0),
    4: (1.0, 1.0, _SURROUND, _SURROUND),
    5: (1.0, 1.0, 1.0, _SURROUND, _SURROUND),
    6: (1.0, 1.0, 1.0, 0.0, _SURROUND, _SURROUND),
    7: (1.0, 1.0, 1.0, 0.0, 1.0, _SURROUND, _SURROUND),
    8: (1.0, 1.0, 1.0, 0.0, 1.0, 1.0, _SURROUND, _SURROUND),
}
"""By the number of channels, in the order of WAV and FLAC: 4.0, 5.0, 5.1, 6.1 and 7.1 have their
surrounds at 60 to 120 degrees, where BS.1770-4 table 4 weights them by 1.41; LFE counts nothing.
More channels have no loudness without a renderer."""


@dataclass(frozen=True)
class Loudness:
    """LUFS and LU; None where nothing is louder than the absolute gate, or too short."""

    integrated: float | None
    range: float | None
    momentary_max: float | None
    short_term_max: float | None


class LoudnessMeter:
    """Energy of the K-weighted channels in hops of 10 ms; all else follows from these."""

    def __init__(self, rate: int, channels: int) -> None:
        self._hop = hop_frames(rate)
        self._weights = np.array(WEIGHTS.get(channels, ()))
        self._sections = k_weighting(rate)
        self._states = np.zeros((channels, 2, 2))
        self._hops: list[NDArray[np.float64]] = []

    def add(self, planar: Planar) -> None:
        """A block of whole hops; of the last one, what is no whole hop counts nothing."""
        if not len(self._weights):
            return
        hops = planar.shape[1] // self._hop
        energies = np.zeros(hops)
        for channel, weight in enumerate(self._weights):
            weighted, state = sosfilt(self._sections, planar[channel], zi=self._states[channel])
            state[np.abs(state) < _DENORMAL] = 0.0
            self._states[channel] = state
            rows = weighted[: hops * self._hop].reshape(hops, self._hop)
            energies += weight * np.einsum("ij,ij->i", rows, rows)
        self._hops.append(energies / self._hop)

    def energies(self) -> NDArray[np.float64]:
        """Mean square over all channels by hop."""
        return np.concatenate(self._hops) if self._hops else np.zeros(0)

    def result(self) -> Loudness:
        energies = self.energies()
        momentary = windowed(energies, MOMENTARY)
        short_term = windowed(energies, SHORT_TERM)
        return Loudness(
            integrated=_integrated(momentary[::_GATING_HOP]),
            range=_range(short_term[::_GATING_HOP]),
            momentary_max=_loudest(momentary),
            short_term_max=_loudest(short_term),
        )


_DENORMAL = 1e-30
"""State that far below any signal is zero: silence must not be computed in denormals."""


def k_weighting(rate: int) -> NDArray[np.float64]:
    """The two second order sections of BS.1770-4 for any rate: its 48 kHz coefficients as the
    analogue prototypes they come from (a shelf for the head, a high-pass)."""
    k = tan(pi * 1681.974450955533 / rate)
    q, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    a0 = 1 + k / q + k * k
    shelf = [
        (high + band * k / q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - band * k / q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / q + k * k) / a0,
    ]
    k = tan(pi * 38.13547087602444 / rate)
    q = 0.5003270373238773
    a0 = 1 + k / q + k * k
    highpass = [1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / q + k * k) / a0]
    return np.array([shelf, highpass])


def windowed(energies: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Mean of every whole window of so many hops."""
    sums = np.concatenate([[0.0], np.cumsum(energies)])
    means: NDArray[np.float64] = np.maximum(sums[hops:] - sums[:-hops], 0.0) / hops
    return means


def lufs(energy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of mean squares; -inf for none."""
    with np.errstate(divide="ignore"):
        level: NDArray[np.float64] = 10 * np.log10(energy) - 0.691
    return level


def _loudest(energies: NDArray[np.float64]) -> float | None:
    loudest = float(lufs(energies.max(initial=0.0, keepdims=True))[0])
    return loudest if loudest > ABSOLUTE_GATE else None


def _integrated(blocks: NDArray[np.float64]) -> float | None:
    gated = _gated(blocks, _RELATIVE_GATE)
    return float(lufs(gated.mean(keepdims=True))[0]) if len(gated) else None


def _range(windows: NDArray[np.float64]) -> float | None:
    """Tech 3342: between the 10th and the 95th percentile of the short-term loudness."""
    levels = np.sort(lufs(_gated(windows, _RANGE_GATE)))
    if not len(levels):
        return None
    low, high = (levels[round((len(levels) - 1) * share)] for share in _RANGE)
    return float(high - low)


def _gated(blocks: NDArray[np.float64], relative: float) -> NDArray[np.float64]:
    loud = blocks[lufs(blocks) > ABSOLUTE_GATE]
    if not len(loud):
        return loud
    return loud[lufs(loud) > lufs(loud.mean(keepdims=True)) + relative]
