"""Signals with one flaw each, and their neighbours, which just do not have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tests.media.signals import Signal, noise, silence

RATE = 44_100
SECONDS = 3.2
_LOUD = -20.0
"""RMS level of clean() at -13.9 LUFS."""
Make = Callable[[], Signal]


@dataclass(frozen=True)
class Flaw:
    """`codes` are found of `flawed`, `beside` of `near`. Lossless forms of `bits` or more have it,
    at `rate`."""

    codes: tuple[str, ...]
    flawed: Make
    near: Make
    beside: tuple[str, ...] = ()
    rate: int = RATE
    bits: int = 16


def clean(seconds: float = SECONDS, dbfs: float = -24.0, rate: int = RATE) -> Signal:
    """Noise up to the end of the spectrum, half of it in both channels."""
    return correlated(0.5, seconds, dbfs, rate)


def correlated(
    correlation: float, seconds: float = SECONDS, dbfs: float = -24.0, rate: int = RATE
) -> Signal:
    left, other = noise(rate, seconds, dbfs).T
    right = correlation * left + np.sqrt(1 - correlation**2) * other
    return np.stack([left, right], axis=1)


def _around(before: float, after: float) -> Signal:
    """Silence at the edges."""
    return np.concatenate([silence(RATE, before), clean(3.1), silence(RATE, after)])


def _gap(seconds: float) -> Signal:
    signal = clean()
    signal[RATE : RATE + round(seconds * RATE)] = 0
    return signal


def _peak(level: float, samples: int = 1, dbfs: float = -24.0) -> Signal:
    """Held for so many samples. The slopes beside it keep the curve from going far above."""
    signal = clean(dbfs=dbfs)
    at = RATE // 2
    slope = np.sin(np.linspace(0, np.pi / 2, 42)[1:-1]) ** 2
    shape = np.concatenate([slope, np.ones(samples), slope[::-1]])
    signal[at : at + len(shape), 0] = level * shape
    return signal


def _padded(bits: int) -> Signal:
    step = 2.0 ** (1 - bits)
    return np.round(clean() / step) * step


def _below(hz: float, rate: int = RATE) -> Signal:
    """Without anything above."""
    signal = clean(rate=rate)
    spectrum = np.fft.rfft(signal, axis=0)
    spectrum[np.fft.rfftfreq(len(signal), 1 / rate) > hz] = 0
    return np.fft.irfft(spectrum, len(signal), axis=0)


def _dual(difference: float) -> Signal:
    signal = correlated(1.0)
    signal[:, 1] = signal[:, 0]
    signal[RATE, 1] += difference
    return signal


FLAWS = {
    "too_short": Flaw(("too_short",), lambda: clean(2.99), lambda: clean(3.0)),
    "too_long": Flaw(("too_long",), lambda: clean(4.01), lambda: clean(4.0)),
    "mono": Flaw(("mono",), lambda: clean()[:, :1], clean),
    "channels": Flaw(("channels",), lambda: noise(RATE, SECONDS, -30.0, channels=6), clean),
    "sampling_rate": Flaw(("sampling_rate",), lambda: clean(rate=32_000), clean, rate=32_000),
    "silent": Flaw(
        ("silent",),
        lambda: silence(RATE, SECONDS),
        lambda: clean(dbfs=-75.0),  # too faint to hear, but not nothing
        ("leading_silence_long",),
    ),
    "leading_silence": Flaw(
        ("leading_silence",), lambda: _around(0.32, 0), lambda: _around(0.28, 0)
    ),
    "leading_silence_long": Flaw(
        ("leading_silence_long",),
        lambda: _around(0.82, 0),
        lambda: _around(0.78, 0),
        ("leading_silence",),
    ),
    "trailing_silence": Flaw(
        ("trailing_silence",), lambda: _around(0, 0.32), lambda: _around(0, 0.28)
    ),
    "trailing_silence_long": Flaw(
        ("trailing_silence_long",),
        lambda: _around(0, 0.82),
        lambda: _around(0, 0.78),
        ("trailing_silence",),
    ),
    "inner_silence": Flaw(("inner_silence",), lambda: _gap(0.82), lambda: _gap(0.78)),
    "true_peak": Flaw(("true_peak",), lambda: _peak(0.93), lambda: _peak(0.85)),
    "true_peak_loud": Flaw(
        ("true_peak", "loudness"),
        lambda: _peak(0.83, 1, _LOUD),
        lambda: _peak(0.76, 1, _LOUD),
        ("loudness",),
    ),
    "loudness": Flaw(("loudness",), lambda: clean(dbfs=_LOUD), lambda: clean(dbfs=_LOUD - 0.2)),
    "clipping": Flaw(
        ("true_peak", "clipping"), lambda: _peak(1.0, 3), lambda: _peak(1.0, 2), ("true_peak",)
    ),
    "dc_offset": Flaw(("dc_offset",), lambda: clean() + 0.0105, lambda: clean() - 0.0095),
    "phase_low": Flaw(("phase_low",), lambda: correlated(-0.55), lambda: correlated(-0.45)),
    "phase_inverted": Flaw(
        ("phase_inverted",), lambda: correlated(-0.985), lambda: correlated(-0.97), ("phase_low",)
    ),
    "dual_mono": Flaw(("dual_mono",), lambda: _dual(0.0), lambda: _dual(2.0**-14)),
    "padded_bits": Flaw(("padded_bits",), lambda: _padded(16), lambda: _padded(17), bits=24),
    "fake_high_resolution": Flaw(
        ("fake_high_resolution",),
        lambda: _below(22_000, 96_000),
        lambda: _below(26_000, 96_000),
        rate=96_000,
        bits=24,
    ),
    "lossy_origin": Flaw(("lossy_origin",), lambda: _below(16_000), lambda: _below(20_700)),
}
