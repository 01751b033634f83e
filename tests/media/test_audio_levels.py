"""Numbers of constructed audio, and of its neighbours."""

from __future__ import annotations

import hashlib
import io

import numpy as np
import pyebur128
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly
from tests.media.signals import ArrayStream, Signal, integers, measured, noise, silence, tone

from deadwax.domain.errors import Refused
from deadwax.infrastructure.media.audio.measure import measure

RATE = 48_000
SEEDS = st.integers(0, 2**32 - 1)


# Levels


def test_silence_has_no_levels() -> None:
    found = measured(silence(RATE, 2), RATE, 16)
    assert (found.sample_peak_dbfs, found.true_peak_dbtp, found.true_peak_at_s) == (None,) * 3
    assert (found.integrated_lufs, found.loudness_range_lu) == (None, None)
    assert (found.momentary_max_lufs, found.short_term_max_lufs) == (None, None)
    assert (found.correlation, found.cutoff_hz) == (None, None)


def test_no_samples_are_refused() -> None:
    with pytest.raises(Refused) as caught:
        measured(silence(RATE, 0), RATE)
    assert caught.value.problems[0].code == "audio_empty"


def test_a_single_sample_is_measured() -> None:
    found = measured(np.full((1, 2), 0.5), RATE)
    assert found.frames == 1
    assert found.sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)


def test_sample_peak_is_of_the_loudest_channel_whatever_its_sign() -> None:
    signal = tone(RATE, 1, -40)
    signal[30_000, 1] = -0.5
    assert measured(signal, RATE).sample_peak_dbfs == pytest.approx(-6.02, abs=0.01)


def test_mono_counts_once() -> None:
    """BS.1770 knows no dual mono: one channel is 3 LU below the same in two."""
    mono = measured(tone(RATE, 5, -20, channels=1), RATE).integrated_lufs
    stereo = measured(tone(RATE, 5, -20), RATE).integrated_lufs
    assert mono is not None
    assert stereo == pytest.approx(mono + 3.01, abs=0.01)


@pytest.mark.parametrize(
    ("channels", "loud", "gain"),
    [(4, 2, 1.5), (5, 4, 1.5), (6, 4, 1.5), (7, 4, 0.0), (7, 5, 1.5), (8, 4, 0.0), (8, 6, 1.5)],
)
def test_surrounds_at_the_side_count_more(channels: int, loud: int, gain: float) -> None:
    signal = silence(RATE, 1, channels)
    signal[:, [loud]] = tone(RATE, 1, -20, channels=1)
    alone = measured(tone(RATE, 1, -20, channels=1), RATE).integrated_lufs
    assert alone is not None
    assert measured(signal, RATE).integrated_lufs == pytest.approx(alone + gain, abs=0.02)


def test_objects_have_no_loudness_without_a_renderer() -> None:
    found = measured(noise(RATE, 1, channels=12), RATE)
    assert found.integrated_lufs is None
    assert found.true_peak_dbtp is not None


def test_less_than_a_window_has_no_loudness() -> None:
    found = measured(tone(RATE, 0.39, -20), RATE)
    assert (found.integrated_lufs, found.momentary_max_lufs) == (None, None)
    found = measured(tone(RATE, 2.9, -20), RATE)
    assert (found.short_term_max_lufs, found.loudness_range_lu) == (None, None)
    assert found.integrated_lufs is not None


@settings(max_examples=8, deadline=None)
@given(seed=SEEDS, rate=st.sampled_from([44_100, 48_000, 88_200, 96_000]))
def test_loudness_agrees_with_libebur128(seed: int, rate: int) -> None:
    signal = _dynamic(seed, rate, 6.0)
    samples = signal.astype(np.float32)
    state = pyebur128.R128State(2, rate, pyebur128.MeasurementMode.MODE_I)
    state.add_frames(samples.reshape(-1), len(samples))
    found = measured(signal, rate).integrated_lufs
    assert found == pytest.approx(pyebur128.get_loudness_global(state), abs=0.001)


def test_loudness_range_agrees_with_libebur128_on_long_material() -> None:
    signal = _dynamic(3, 16_000, 120.0)
    modes = pyebur128.MeasurementMode.MODE_LRA
    state = pyebur128.R128State(2, 16_000, modes)
    state.add_frames(signal.astype(np.float32).reshape(-1), len(signal))
    found = measured(signal, 16_000).loudness_range_lu
    assert found == pytest.approx(pyebur128.get_loudness_range(state), abs=0.3)


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, rate=st.sampled_from([44_100, 96_000]))
def test_true_peak_agrees_with_a_long_interpolator(seed: int, rate: int) -> None:
    """Of material below 0.42 of the rate, where interpolation is defined to 0.02 dB."""
    signal = resample_poly(_dynamic(seed, rate // 2, 0.5), 2, 1, window=("kaiser", 10.0))
    oversampled = np.abs(resample_poly(signal, 4, 1, window=("kaiser", 12.0)))
    expected = 20 * np.log10(oversampled.max())
    found = measured(signal, rate)
    assert found.true_peak_dbtp == pytest.approx(expected, abs=0.02)
    near = round((found.true_peak_at_s or 0) * rate * 4)
    assert oversampled[max(0, near - 4) : near + 5].max() == pytest.approx(
        oversampled.max(), rel=0.01
    )


def test_the_true_peak_of_the_last_sample_is_found() -> None:
    signal = silence(RATE, 0.1)
    signal[-2:] = 0.7
    assert (measured(signal, RATE).true_peak_dbtp or -99) > -2.0


def _dynamic(seed: int, rate: int, seconds: float) -> Signal:
    """Noise whose level changes every 100 ms, from loud to very quiet."""
    generator = np.random.default_rng(seed)
    signal = generator.standard_normal((round(rate * seconds), 2)) * 0.2
    levels = 10 ** (generator.uniform(-60, 0, round(seconds * 10)) / 20)
    return signal * np.repeat(levels, rate // 10)[: len(signal), None]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf, 1e38])
def test_what_is_no_level_in_floating_point_does_not_spread(wrong: float) -> None:
    signal = tone(RATE, 3, -20)
    signal[70_000, 0] = wrong
    found = measured(signal, RATE)
    values = [value for value in vars(found).values() if isinstance(value, float)]
    assert np.isfinite(values).all()
    assert found.correlation is not None


# Blocks


@settings(max_examples=15, deadline=None)
@given(
    seed=SEEDS,
    sizes=st.lists(st.integers(1, 70_000), min_size=1, max_size=4),
    rate=st.sampled_from([22_050, 44_100, 96_000]),
)
def test_the_blocks_of_the_reader_change_nothing(seed: int, sizes: list[int], rate: int) -> None:
    generator = np.random.default_rng(seed)
    signal = generator.standard_normal((generator.integers(40_000, 90_000), 2)) * 0.4
    signal[generator.integers(0, 40_000) :][:6000] *= 1e-5
    samples = integers(signal, 24)
    sizes = [max(size, 500) for size in sizes]
    whole = measure(ArrayStream(samples, rate, 24), lambda _: None)
    assert measure(ArrayStream(samples, rate, 24, sizes), lambda _: None) == whole


def test_memory_does_not_grow_with_the_length() -> None:
    minutes = [_peak_memory(count) for count in (2, 40)]
    assert minutes[1] < minutes[0] + 2_000_000


def _peak_memory(minutes: int) -> int:
    import tracemalloc

    class Endless(ArrayStream):
        def blocks(self, frames: int):  # type: ignore[no-untyped-def]
            for _ in range(minutes * 60 * self.sampling_rate // frames):
                yield self.samples[:frames].copy()

    stream = Endless(integers(noise(8_000, 4, channels=1), 16), 8_000, 16)
    tracemalloc.start()
    try:
        measure(stream, lambda _: None)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_progress_is_told_up_to_the_end() -> None:
    told: list[float] = []
    measure(ArrayStream(integers(noise(RATE, 3), 16), RATE, 16), told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 3


# Silence


def test_silence_at_both_ends_and_within_is_found_to_the_sample() -> None:
    parts = [
        silence(RATE, 1.25),
        np.full((RATE, 2), 0.1),
        silence(RATE, 0.7001),
        np.full((RATE, 2), 0.1),
        silence(RATE, 0.5),
        np.full((RATE, 2), 0.1),
        silence(RATE, 2.5),
    ]
    found = measured(np.concatenate(parts), RATE)
    assert found.leading_silence_s == pytest.approx(1.25, abs=1e-9)
    assert found.trailing_silence_s == pytest.approx(2.5, abs=1e-9)
    assert found.inner_silence_s == pytest.approx(len(parts[2]) / RATE, abs=1e-9)
    assert found.inner_silence_at_s == pytest.approx(2.25, abs=1e-9)


@pytest.mark.parametrize(("dbfs", "silent"), [(-60.1, True), (-59.9, False)])
def test_silence_is_below_minus_60_dbfs_in_all_channels(dbfs: float, silent: bool) -> None:
    signal = np.concatenate([silence(RATE, 1), np.full((RATE, 2), 0.5)])
    signal[:RATE, 1] = 10 ** (dbfs / 20)
    assert measured(signal, RATE).leading_silence_s == (1.0 if silent else 0.0)


def test_pauses_of_less_than_100_ms_are_no_silence() -> None:
    loud = np.full((RATE, 2), 0.5)
    for seconds, found in ((0.099, 0.0), (0.101, 0.101)):
        signal = np.concatenate([loud, silence(RATE, seconds), loud])
        assert measured(signal, RATE).inner_silence_s == pytest.approx(found, abs=1e-9)


def test_a_file_of_silence_is_led_by_it() -> None:
    found = measured(silence(RATE, 3), RATE)
    assert (found.leading_silence_s, found.trailing_silence_s) == (3.0, 0.0)
    assert (found.inner_silence_s, found.inner_silence_at_s) == (0.0, None)


# Clipping


@pytest.mark.parametrize("bits", [8, 16, 24, None])
@pytest.mark.parametrize(("length", "runs"), [(2, 0), (3, 1), (40, 1)])
def test_three_samples_at_full_scale_are_clipped(bits: int | None, length: int, runs: int) -> None:
    signal = tone(RATE, 1, -6)
    signal[10_000 : 10_000 + length, 1] = -1.0
    found = measured(signal, RATE, bits)
    assert (found.clipped_runs, found.clipped_longest) == (runs, length if runs else 0)
    assert found.clipped_at_s == (10_000 / RATE if runs else None)


def test_a_padded_copy_of_a_clipped_master_is_clipped() -> None:
    signal = tone(RATE, 1, -6)
    signal[100:110] = 32_767 / 32_768
    assert measured(signal, RATE, 24).clipped_runs == 2


def test_every_run_of_every_channel_counts() -> None:
    signal = tone(RATE, 3, -6)
    for begin, length, channel in ((50_000, 5, 0), (50_000, 9, 1), (28_798, 700, 0), (0, 3, 1)):
        signal[begin : begin + length, channel] = 1.0
    signal[-4:, 0] = 1.0
    found = measured(signal, RATE, 16)
    assert (found.clipped_runs, found.clipped_longest, found.clipped_at_s) == (5, 700, 0.0)


@pytest.mark.parametrize("dbfs", [-0.1, -0.01])
def test_a_loud_clean_master_is_not_clipped(dbfs: float) -> None:
    signal = np.tanh(noise(RATE, 2, 0.0)) * 10 ** (dbfs / 20)
    assert measured(signal, RATE, 16).clipped_runs == 0


# Offset, correlation, depth


@pytest.mark.parametrize("offset", [0.0, 0.009, -0.011])
def test_the_offset_is_the_largest_of_the_channels(offset: float) -> None:
    signal = tone(RATE, 2, -10)
    signal[:, 1] += offset
    assert measured(signal, RATE, 16).dc_offset == pytest.approx(abs(offset), abs=1e-5)


def test_correlation_goes_from_inverted_over_none_to_the_same() -> None:
    left, right = noise(RATE, 2)[:, :1], noise(RATE, 2, seed=2)[:, :1]
    for second, expected in ((left, 1.0), (-left, -1.0), (right, 0.0), (left + right, 0.707)):
        found = measured(np.hstack([left, second]), RATE)
        assert found.correlation == pytest.approx(expected, abs=0.02)
        assert found.dual_mono == (second is left)


def test_one_channel_alone_has_no_correlation() -> None:
    assert measured(noise(RATE, 1, channels=1), RATE).correlation is None
    one_sided = noise(RATE, 1) * [1.0, 0.0]
    assert measured(one_sided, RATE).correlation is None


def test_dual_mono_is_the_same_to_the_last_sample() -> None:
    signal = tone(RATE, 2, -10)
    assert measured(signal, RATE, 16).dual_mono
    signal[-1, 1] += 1 / 32768
    assert not measured(signal, RATE, 16).dual_mono


@pytest.mark.parametrize(
    ("made", "stated"), [(16, 16), (14, 16), (16, 24), (20, 24), (24, 24), (8, 8), (32, 32)]
)
def test_effective_bits_are_those_in_use(made: int, stated: int) -> None:
    signal = np.round(noise(RATE, 1) * 2 ** (made - 1)) / 2 ** (made - 1)
    found = measured(signal, RATE, stated)
    assert (found.bit_depth, found.effective_bits) == (stated, made)


@pytest.mark.parametrize("bits", [16, 24, 32])
def test_the_pcm_hash_is_that_of_the_data_of_a_wav(bits: int) -> None:
    samples = integers(noise(RATE, 1.3), bits)
    file = io.BytesIO()
    soundfile.write(file, samples, RATE, f"PCM_{bits}", format="WAV")
    data = file.getvalue().partition(b"data")[2][4:]
    found = measure(ArrayStream(samples, RATE, bits), lambda _: None)
    assert found.pcm_sha256 == hashlib.sha256(data).hexdigest()


def test_8_bits_are_signed_in_the_hash() -> None:
    signal = np.array([[-1.0], [0.5]])
    assert measured(signal, RATE, 8).pcm_sha256 == hashlib.sha256(b"\x80\x40").hexdigest()


def test_floating_point_has_no_depth_and_no_pcm_hash() -> None:
    found = measured(noise(RATE, 1), RATE)
    assert (found.bit_depth, found.effective_bits, found.pcm_sha256) == (None, None, None)
