"""Audio made in a test, and what is measured of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from deadwax.domain.media.measured import AudioMeasured
from deadwax.infrastructure.media.audio.measure import measure

Signal = NDArray[np.float64]
"""Of shape (frames, channels)."""


@dataclass(frozen=True)
class ArrayStream:
    """An AudioStream of an array; `sizes` are those of its blocks, in turn, instead of what is
    asked for."""

    samples: NDArray[np.generic]
    sampling_rate: int
    bits: int | None = None
    sizes: Sequence[int] = ()

    @property
    def channels(self) -> int:
        return self.samples.shape[1]

    @property
    def frames(self) -> int:
        return len(self.samples)

    def blocks(self, frames: int) -> Iterator[NDArray[np.generic]]:
        at, turn = 0, 0
        while at < len(self.samples):
            size = self.sizes[turn % len(self.sizes)] if self.sizes else frames
            yield self.samples[at : at + size].copy()
            at, turn = at + size, turn + 1


def measured(signal: Signal, rate: int, bits: int | None = None) -> AudioMeasured:
    """Of a signal with full scale at 1: as floating point, or as integers of `bits` bits."""
    samples = signal.astype(np.float32) if bits is None else integers(signal, bits)
    return measure(ArrayStream(samples, rate, bits), lambda _: None)


def integers(signal: Signal, bits: int) -> NDArray[np.generic]:
    """Rounded, clipped at full scale, left-justified as readers give them."""
    full = 2 ** (bits - 1)
    whole = np.clip(np.round(signal * full), -full, full - 1).astype(np.int64)
    return (
        (whole << 16 - bits).astype(np.int16)
        if bits <= 16
        else (whole << 32 - bits).astype(np.int32)
    )


def tone(
    rate: int,
    seconds: float,
    dbfs: float,
    *,
    hz: float = 1000.0,
    channels: int = 2,
    degrees: float = 0.0,
) -> Signal:
    """A sine of that peak level in every channel."""
    phase = 2 * np.pi * hz * np.arange(round(seconds * rate)) / rate + np.deg2rad(degrees)
    return np.repeat(10 ** (dbfs / 20) * np.sin(phase)[:, None], channels, axis=1)


def steps(rate: int, *levels: tuple[float, float]) -> Signal:
    """Stereo tones one after the other, of (dBFS, seconds)."""
    return np.concatenate([tone(rate, seconds, dbfs) for dbfs, seconds in levels])


def silence(rate: int, seconds: float, channels: int = 2) -> Signal:
    return np.zeros((round(seconds * rate), channels))


def noise(
    rate: int, seconds: float, dbfs: float = -20.0, *, channels: int = 2, seed: int = 1
) -> Signal:
    """White, independent in every channel, of that RMS level."""
    generator = np.random.default_rng(seed)
    return 10 ** (dbfs / 20) * generator.standard_normal((round(seconds * rate), channels))


def music(rate: int, seconds: float, dbfs: float = -14.0) -> Signal:
    """Pink noise in the rhythm of hits, with a chord of decaying notes: a full band."""
    white = noise(rate, seconds, 0.0, seed=5)
    spectrum = np.fft.rfft(white, axis=0)
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 20.0))[:, None]
    pink = np.fft.irfft(spectrum, len(white), axis=0)
    time = np.arange(len(white)) / rate
    hits = 0.2 + np.exp(-8 * (time % 0.25))
    chord = sum(np.sin(2 * np.pi * hz * time) for hz in (110.0, 277.2, 329.6, 440.0))
    signal = pink / pink.std() * hits[:, None] + (chord * np.exp(-time % 1.0))[:, None]
    return signal * 10 ** (dbfs / 20) / signal.std()
