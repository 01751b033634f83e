"""Where the spectrum ends: found behind codecs and converters, not in what instruments do.

The limits that findings use are 40 dB of drop, at 20.2 kHz (lossy) and 24.2 kHz (high resolution).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import soundfile
import soxr
from scipy.signal import firwin, lfilter, sawtooth
from tests.media.signals import Signal, measured, music, noise, tone

RATE = 44_100
SECONDS = 6.0
DROP = 40.0


def through(codec: list[str], signal: Signal, rate: int, folder: Path, ending: str) -> Signal:
    """Encoded and decoded by ffmpeg, as a lossless file made of a lossy one."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    source, lossy, back = folder / "source.wav", folder / f"lossy.{ending}", folder / "back.wav"
    soundfile.write(source, signal, rate, "PCM_16")
    for command in (
        [str(source), *codec, str(lossy)],
        [str(lossy), "-c:a", "pcm_s16le", str(back)],
    ):
        subprocess.run([ffmpeg, "-v", "error", "-i", *command], check=True, timeout=60)
    return soundfile.read(back)[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("codec", "ending", "low", "high"),
    [
        pytest.param(["-c:a", "libmp3lame", "-b:a", "128k"], "mp3", 15_500, 17_500, id="MP3 128"),
        pytest.param(["-c:a", "libmp3lame", "-b:a", "192k"], "mp3", 17_500, 19_600, id="MP3 192"),
        pytest.param(["-c:a", "aac", "-b:a", "96k"], "m4a", 13_000, 18_000, id="AAC 96"),
    ],
)
def test_a_lossy_source_behind_a_lossless_file(
    tmp_path: Path, codec: list[str], ending: str, low: int, high: int
) -> None:
    found = measured(through(codec, music(RATE, SECONDS), RATE, tmp_path, ending), RATE, 16)
    assert found.cutoff_hz is not None
    assert low < found.cutoff_hz < high
    assert (found.cutoff_drop_db or 0) >= DROP


@pytest.mark.parametrize("quality", ["HQ", "VHQ"])
@pytest.mark.parametrize(("source", "rate"), [(44_100, 96_000), (48_000, 96_000), (44_100, 88_200)])
def test_high_resolution_that_is_none(source: int, rate: int, quality: str) -> None:
    found = measured(soxr.resample(music(source, SECONDS), source, rate, quality), rate, 24)
    assert found.cutoff_hz is not None
    assert 0.44 * source < found.cutoff_hz < 24_200
    assert (found.cutoff_drop_db or 0) >= DROP


@pytest.mark.parametrize("hz", [8_000, 12_000, 15_000, 17_000, 19_000])
def test_a_steep_filter_is_found_where_it_is(hz: int) -> None:
    steep = firwin(1001, hz, fs=RATE, window=("kaiser", 9.0))
    found = measured(lfilter(steep, 1.0, music(RATE, SECONDS), axis=0), RATE, 24)
    assert found.cutoff_hz == pytest.approx(hz, abs=250)
    assert (found.cutoff_drop_db or 0) >= DROP


def test_a_few_clipped_samples_do_not_hide_it() -> None:
    steep = firwin(1001, 16_000, fs=RATE, window=("kaiser", 9.0))
    signal = lfilter(steep, 1.0, music(RATE, SECONDS), axis=0)
    limit = np.quantile(np.abs(signal), 0.99999)
    found = measured(np.clip(signal, -limit, limit), RATE, 16)
    assert found.cutoff_hz == pytest.approx(16_000, abs=250)
    assert (found.cutoff_drop_db or 0) >= DROP


def _piano() -> Signal:
    """Notes whose higher partials are weaker and decay sooner, over a little noise of a room."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    signal = np.zeros(len(time))
    for number, hz in enumerate((55.0, 130.8, 196.0, 261.6, 523.3, 1046.5)):
        since = np.maximum(time - number, 0.0)
        for partial in range(1, int(20_000 / hz)):
            level = np.exp(-since * (1.0 + 0.3 * partial)) / partial**1.5 * (time >= number)
            signal += level * np.sin(2 * np.pi * hz * partial * since)
    room = noise(RATE, SECONDS, -85.0)
    return 0.1 * signal[:, None] + room


def _bass() -> Signal:
    """A saw at 41 Hz behind a synthesiser's low-pass of 24 dB an octave at 400 Hz."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    signal = 0.5 * sawtooth(2 * np.pi * 41.2 * time)
    pole = np.exp(-2 * np.pi * 400 / RATE)
    for _ in range(4):
        signal = lfilter([1 - pole], [1.0, -pole], signal)
    return np.repeat(signal[:, None], 2, axis=1) + noise(RATE, SECONDS, -95.0)


def _swept() -> Signal:
    time = np.arange(round(SECONDS * RATE)) / RATE
    phase = 2 * np.pi * 20 * SECONDS / np.log(1000) * (1000 ** (time / SECONDS) - 1)
    return np.repeat(0.3 * np.sin(phase)[:, None], 2, axis=1)


@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(music(RATE, SECONDS), id="a full band"),
        pytest.param(music(RATE, SECONDS, dbfs=-50.0), id="quiet"),
        pytest.param(music(RATE, SECONDS, dbfs=-75.0), id="very quiet"),
        pytest.param(noise(RATE, SECONDS, -20.0), id="white noise"),
        pytest.param(_piano(), id="piano"),
        pytest.param(_bass(), id="bass"),
        pytest.param(_swept(), id="sweep"),
        pytest.param(tone(RATE, SECONDS, -6.0), id="tone"),
        pytest.param(
            np.concatenate([tone(RATE, 1.0, -6.0, hz=hz) for hz in (220, 660, 5000, 9000)]),
            id="tones",
        ),
    ],
)
@pytest.mark.parametrize("bits", [16, 24])
def test_no_false_alarm(signal: Signal, bits: int) -> None:
    found = measured(signal, RATE, bits)
    assert (found.cutoff_hz, found.cutoff_drop_db) == (None, None)


@pytest.mark.parametrize("rate", [48_000, 96_000, 192_000])
def test_no_false_alarm_at_other_rates(rate: int) -> None:
    assert measured(music(rate, SECONDS), rate, 24).cutoff_hz is None


@pytest.mark.parametrize("rate", [88_200, 96_000, 192_000])
def test_a_master_for_cd_made_of_high_resolution_is_no_lossy_one(rate: int) -> None:
    found = measured(soxr.resample(music(rate, SECONDS), rate, RATE, "VHQ"), RATE, 16)
    assert found.cutoff_hz is None or found.cutoff_hz > 20_200


def test_less_than_a_frame_has_no_spectrum() -> None:
    assert measured(noise(RATE, 0.02), RATE).cutoff_hz is None
