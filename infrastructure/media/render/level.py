"""By how much a rendition is made louder or softer, and why not by more."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import log10

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import blocks as metered
from deadwax.infrastructure.media.audio.blocks import hop_frames
from deadwax.infrastructure.media.audio.loudness import LoudnessMeter
from deadwax.infrastructure.media.audio.true_peak import TruePeakMeter
from deadwax.infrastructure.media.render.signal import Floats

CEILING_DBTP = -1.0
"""EBU R 128: what lossy codecs and converters need to stay clear of clipping."""
_MARGIN = 0.01
"""For dither, and for rounding to bits."""


@dataclass(frozen=True, kw_only=True)
class Level:
    gain_db: float = 0.0
    held_by_peak: bool = False

    @property
    def gain(self) -> float:
        return float(10 ** (self.gain_db / 20))

    def held(self, above_db: float) -> Level:
        """Softer by so much because of the peak."""
        return Level(gain_db=self.gain_db - above_db, held_by_peak=True)


def level_for(loudness: float | None, true_peak: float | None, target: float) -> Level:
    """One gain for the whole, never a limiter. What has no loudness (silence) is left alone."""
    if loudness is None or true_peak is None:
        return Level()
    wanted, most = target - loudness, CEILING_DBTP - _MARGIN - true_peak
    return Level(gain_db=min(wanted, most), held_by_peak=most < wanted)


def measured(
    blocks: Iterable[Floats], channels: int, rate: int
) -> tuple[float | None, float | None]:
    """Integrated loudness in LUFS and true peak in dBTP; None where there is no signal."""
    loudness, peak = LoudnessMeter(rate, channels), TruePeakMeter(channels)
    for block in metered(_Stream(blocks, channels, rate), hop_frames(rate)):
        loudness.add(block.planar)
        peak.add(block)
    peak.finish()
    highest = float(peak.peak)
    return loudness.result().integrated, 20 * log10(highest) if highest else None


@dataclass
class _Stream:
    """Blocks as the meters read them from a file."""

    source: Iterable[Floats]
    channels: int
    sampling_rate: int
    bits: int | None = None
    frames: int | None = None

    def blocks(self, frames: int) -> Iterator[NDArray[np.float32]]:
        left = np.zeros((0, self.channels), np.float32)
        for block in self.source:
            left = np.concatenate([left, block.astype(np.float32)])
            while len(left) >= frames:
                yield left[:frames]
                left = left[frames:]
        if len(left):
            yield left
