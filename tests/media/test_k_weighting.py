"""Weighting by matrix products is the filter of BS.1770, sample by sample."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import sosfilt

from deadwax.infrastructure.media.audio.k_weighting import KWeighting, sections

ROW = 32
RATES = [8_000, 22_050, 44_100, 48_000, 96_000, 192_000]


def test_the_sections_at_48_khz_are_those_of_the_standard() -> None:
    """ITU-R BS.1770-4, tables 1 and 2."""
    shelf, high_pass = sections(48_000)
    table_1 = [1.53512485958697, -2.69169618940638, 1.19839281085285]
    assert shelf == pytest.approx([*table_1, 1.0, -1.69065929318241, 0.73248077421585], abs=1e-8)
    table_2 = [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621]
    assert high_pass == pytest.approx(table_2, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rate=st.sampled_from(RATES),
    rows=st.lists(st.integers(1, 400), min_size=1, max_size=5),
    rumble=st.sampled_from([0.0, 0.5]),
)
def test_it_is_the_recursive_filter(seed: int, rate: int, rows: list[int], rumble: float) -> None:
    """Within -110 dB of full scale, also under a rumble that the high-pass takes away."""
    generator = np.random.default_rng(seed)
    frames = ROW * sum(rows)
    signal = generator.standard_normal((2, frames)) * 0.1
    signal += rumble * np.cos(2 * np.pi * 3 * np.arange(frames) / rate)
    samples = signal.astype(np.float32)
    weighting = KWeighting(rate, 2, ROW)
    parts = np.split(samples, np.cumsum(rows)[:-1] * ROW, axis=1)
    found = np.concatenate([weighting.weight(part.copy()) for part in parts], axis=1)
    expected = sosfilt(sections(rate), samples.astype(np.float64))
    assert np.abs(found - expected).max() < 10 ** (-110 / 20)
