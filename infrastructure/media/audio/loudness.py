"""Loudness: ITU-R BS.1770-4, EBU Tech 3341 and Tech 3342."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import ROW, hop_frames
from deadwax.infrastructure.media.audio.k_weighting import KWeighting
from deadwax.infrastructure.media.audio.stream import Planar

MOMENTARY = 40
SHORT_TERM = 300
TENTH = 10
"""Gating blocks of 400 ms overlap by 75 % (BS.1770-4), short-term windows move on alike."""
_FOLDED = 6_000
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
    """Energy of the K-weighted channels in hops of 10 ms; all else follows from these. Of these,
    the ones of the last minute are kept, of what was before a mean for each tenth of a second."""

    def __init__(self, rate: int, channels: int) -> None:
        self._hop = hop_frames(rate)
        self._weights = np.array(WEIGHTS.get(channels, ()))
        self._weighting = KWeighting(rate, channels, ROW)
        self._new: list[NDArray[np.float64]] = []
        self._before = np.zeros(0)
        self._rest = np.zeros(0)
        self._tenths: list[NDArray[np.float64]] = []
        self._momentary_max = self._short_term_max = 0.0

    def add(self, planar: Planar) -> None:
        """A block of whole hops; of the last one, what is no whole hop counts nothing."""
        hops = planar.shape[1] // self._hop
        if not len(self._weights) or not hops:
            return
        weighted = self._weighting.weight(planar)
        rows = weighted[:, : hops * self._hop].reshape(-1, hops, self._hop)
        energies = self._weights @ np.einsum("cij,cij->ci", rows, rows)
        self._new.append(energies / self._hop)
        if sum(map(len, self._new)) >= _FOLDED:
            self._fold()

    def tenths(self) -> NDArray[np.float64]:
        """Mean square over all channels of every tenth of a second so far."""
        self._fold()
        return np.concatenate(self._tenths)

    def result(self) -> Loudness:
        tenths = self.tenths()
        return Loudness(
            integrated=_integrated(windowed(tenths, MOMENTARY // TENTH)),
            range=_range(windowed(tenths, SHORT_TERM // TENTH)),
            momentary_max=_loud(self._momentary_max),
            short_term_max=_loud(self._short_term_max),
        )

    def _fold(self) -> None:
        energies = np.concatenate([self._before, *self._new])
        self._momentary_max = max(self._momentary_max, _loudest(energies, MOMENTARY))
        self._short_term_max = max(self._short_term_max, _loudest(energies, SHORT_TERM))
        self._before = energies[-SHORT_TERM:]
        hops = np.concatenate([self._rest, *self._new])
        whole = len(hops) // TENTH * TENTH
        self._tenths.append(hops[:whole].reshape(-1, TENTH).mean(axis=1))
        self._rest = hops[whole:]
        self._new.clear()


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


def _loudest(energies: NDArray[np.float64], hops: int) -> float:
    return float(windowed(energies, hops).max(initial=0.0))


def _loud(energy: float) -> float | None:
    level = float(lufs(np.array([energy]))[0])
    return level if level > ABSOLUTE_GATE else None


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
