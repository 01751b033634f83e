"""The minimum requirements of EBU Tech 3341 (v4) and Tech 3342 (v4) that can be built from their
definitions. Not here: cases 7 and 8 of Tech 3341, 5 and 6 of Tech 3342 (recordings), 11 and 14 of
Tech 3341 (live meters)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import firwin, resample_poly
from tests.media.signals import Signal, measured, silence, steps, tone

RATES = pytest.mark.parametrize("rate", [44_100, 48_000, 96_000])
TOLERANCE = 0.1


def close(level: float) -> object:
    return pytest.approx(level, abs=TOLERANCE)


@RATES
@pytest.mark.parametrize("dbfs", [-23.0, -33.0])
def test_3341_cases_1_and_2_a_steady_tone_has_its_level_on_all_scales(
    rate: int, dbfs: float
) -> None:
    found = measured(tone(rate, 20, dbfs), rate)
    levels = (found.integrated_lufs, found.momentary_max_lufs, found.short_term_max_lufs)
    assert levels == (close(dbfs),) * 3


@RATES
@pytest.mark.parametrize(
    "levels",
    [
        pytest.param([(-36, 10), (-23, 60), (-36, 10)], id="case 3"),
        pytest.param([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], id="case 4"),
        pytest.param([(-26, 20), (-20, 20.1), (-26, 20)], id="case 5"),
    ],
)
def test_3341_both_gates(rate: int, levels: list[tuple[float, float]]) -> None:
    assert measured(steps(rate, *levels), rate).integrated_lufs == close(-23.0)


@RATES
@pytest.mark.parametrize("lfe", [False, True])
def test_3341_case_6_five_channels_have_their_weights(rate: int, lfe: bool) -> None:
    levels = [-28.0, -28.0, -24.0, -30.0, -30.0]
    channels = [tone(rate, 20, level, channels=1) for level in levels]
    if lfe:
        channels.insert(3, tone(rate, 20, -10.0, hz=60.0, channels=1))
    assert measured(np.hstack(channels), rate).integrated_lufs == close(-23.0)


@RATES
def test_3341_case_9_short_term(rate: int) -> None:
    found = measured(steps(rate, *[(-20, 1.34), (-30, 1.66)] * 5), rate)
    assert found.short_term_max_lufs == close(-23.0)


@RATES
def test_3341_case_12_momentary(rate: int) -> None:
    found = measured(steps(rate, *[(-20, 0.18), (-30, 0.22)] * 25), rate)
    assert found.momentary_max_lufs == close(-23.0)


@RATES
@pytest.mark.parametrize("number", range(0, 20, 3))
def test_3341_case_10_the_loudest_three_seconds_wherever_they_begin(rate: int, number: int) -> None:
    signal = [silence(rate, number * 0.15), tone(rate, 3, -23), silence(rate, 1)]
    assert measured(np.concatenate(signal), rate).short_term_max_lufs == close(-23.0)


@RATES
@pytest.mark.parametrize("number", range(20))
def test_3341_case_13_the_loudest_400_ms_wherever_they_begin(rate: int, number: int) -> None:
    signal = [silence(rate, number * 0.02), tone(rate, 0.4, -23), silence(rate, 1)]
    assert measured(np.concatenate(signal), rate).momentary_max_lufs == close(-23.0)


def true_peak_within(level: float, found: float | None) -> bool:
    return found is not None and level - 0.4 <= found <= level + 0.2


@RATES
@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude"),
    [
        pytest.param(4, 0.0, 0.5, id="case 15"),
        pytest.param(4, 45.0, 0.5, id="case 16"),
        pytest.param(6, 60.0, 0.5, id="case 17"),
        pytest.param(8, 67.5, 0.5, id="case 18"),
        pytest.param(4, 45.0, 1.41, id="case 19"),
    ],
)
def test_3341_the_true_peak_of_a_tone_between_its_samples(
    rate: int, divisor: int, degrees: float, amplitude: float
) -> None:
    dbfs = 20 * np.log10(amplitude)
    signal = tone(rate, 1, dbfs, hz=rate / divisor, degrees=degrees)
    fade = np.minimum(1.0, np.arange(len(signal)) / (0.1 * rate))
    signal *= (fade * fade[::-1])[:, None]
    assert true_peak_within(dbfs, measured(signal, rate).true_peak_dbtp)


@RATES
@pytest.mark.parametrize("offset", range(4))
def test_3341_cases_20_to_23_a_loud_period_that_falls_between_the_samples(
    rate: int, offset: int
) -> None:
    assert true_peak_within(0.0, measured(_burst(rate)[offset::4], rate).true_peak_dbtp)


def _burst(rate: int) -> Signal:
    """At four times the rate: one period of full level in a sine of fs/6 at half of it,
    band-limited and with its peak at 0 dBTP."""
    period = 4 * 6
    count = 4 * rate // 4 // period
    phase = 2 * np.pi * np.arange(count * period) / period
    middle = count // 2 * period
    level = np.full(len(phase), 0.5)
    level[middle : middle + period] = 1.0
    fade = np.minimum(1.0, np.arange(len(phase)) / (0.4 * rate / 4))
    limited = np.convolve(level * np.sin(phase) * fade * fade[::-1], firwin(255, 0.22), mode="same")
    limited /= np.abs(resample_poly(limited, 8, 1)).max()
    return np.repeat(limited[:, None], 2, axis=1)


@RATES
@pytest.mark.parametrize(
    ("levels", "range_lu"),
    [
        pytest.param([-20, -30], 10, id="case 1"),
        pytest.param([-20, -15], 5, id="case 2"),
        pytest.param([-40, -20], 20, id="case 3"),
        pytest.param([-50, -35, -20, -35, -50], 15, id="case 4"),
    ],
)
def test_3342_loudness_range(rate: int, levels: list[float], range_lu: float) -> None:
    found = measured(steps(rate, *[(level, 20) for level in levels]), rate)
    assert found.loudness_range_lu == pytest.approx(range_lu, abs=1.0)
