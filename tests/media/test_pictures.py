"""The numbers behind the pictures, and that something is drawn of any audio."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray
from PIL import Image
from tests.media.signals import Signal, integers, measured, music, noise, silence, tone

from deadwax.application.media import Picture
from deadwax.domain.errors import Refused
from deadwax.infrastructure.media.drawing.columns import Columns
from deadwax.infrastructure.media.pictures import picture

RATE = 44_100


def drawn(folder: Path, signal: Signal, name: Picture, rate: int = RATE) -> bytes:
    path = folder / "audio.wav"
    soundfile.write(path, signal, rate, "PCM_16")
    return picture(str(path), name)


def numbers(folder: Path, signal: Signal, name: Picture, rate: int = RATE) -> dict[str, Any]:
    return json.loads(drawn(folder, signal, name, rate))  # type: ignore[no-any-return]


def pixels(png: bytes) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(png)) as image:
        return np.asarray(image.convert("RGB"))


@pytest.mark.parametrize("seconds", [0.001, 2.003, 20.0])
def test_the_peaks_are_those_of_the_samples(tmp_path: Path, seconds: float) -> None:
    signal = music(RATE, max(seconds, 0.1))[: round(seconds * RATE)]
    found = numbers(tmp_path, signal, Picture.WAVEFORM_JSON)
    each, length = found["samples_per_pixel"], found["length"]
    assert (found["version"], found["channels"], found["bits"]) == (2, 2, 16)
    assert found["sample_rate"] == RATE
    assert each % 256 == 0
    assert length == -(-len(signal) // each) <= 8192
    points = np.array(found["data"]).reshape(length, 2, 2)
    samples = soundfile.read(tmp_path / "audio.wav", dtype="int16")[0]
    for point in range(0, length, 97):
        part = samples[point * each : (point + 1) * each]
        expected = np.stack([part.min(axis=0), part.max(axis=0)], axis=1)
        assert np.abs(points[point] - expected).max() <= 1


def test_long_audio_has_no_more_points(tmp_path: Path) -> None:
    found = numbers(tmp_path, noise(8_000, 300, channels=1), Picture.WAVEFORM_JSON, 8_000)
    assert found["samples_per_pixel"] == 512
    assert found["length"] == 4_688


def test_loudness_over_time_agrees_with_what_is_measured(tmp_path: Path) -> None:
    signal = np.concatenate([silence(RATE, 2), tone(RATE, 6, -23.0), silence(RATE, 2)])
    found = numbers(tmp_path, signal, Picture.LOUDNESS_JSON)
    assert len(found["momentary_lufs"]) == len(found["short_term_lufs"]) == 100
    assert found["momentary_lufs"][:20] == [None] * 20
    assert found["momentary_lufs"][40] == pytest.approx(-23.0, abs=0.1)
    assert found["short_term_lufs"][:20] == [None] * 20
    assert found["short_term_lufs"][60] == pytest.approx(-23.0, abs=0.1)
    assert found["momentary_lufs"][-1] is None
    known = measured(integers(signal, 16) / 32768, RATE)
    assert found["integrated_lufs"] == pytest.approx(known.integrated_lufs, abs=0.001)
    assert found["short_term_max_lufs"] == pytest.approx(known.short_term_max_lufs, abs=0.001)


def test_a_tone_is_a_line_at_its_frequency(tmp_path: Path) -> None:
    png = drawn(tmp_path, tone(RATE, 3, -6.0, hz=5_512.5), Picture.SPECTROGRAM_PNG)
    image = pixels(png).sum(axis=2)
    brightest = int(image[40:524, 800].argmax())
    assert brightest / 484 == pytest.approx(0.75, abs=0.01)


def test_long_audio_stands_at_its_times(tmp_path: Path) -> None:
    """So long that not every window is looked at any more."""
    rate = 1_000
    signal = np.concatenate([noise(rate, 200, channels=1), silence(rate, 200, channels=1)])
    lit = pixels(drawn(tmp_path, signal, Picture.SPECTROGRAM_PNG, rate))[100:500].sum(axis=(0, 2))
    plot = lit[64:1536]
    end = int(np.flatnonzero(plot > plot.max() / 2)[-1])
    assert end / len(plot) == pytest.approx(0.5, abs=0.01)


def test_full_scale_is_red(tmp_path: Path) -> None:
    def red(signal: Signal) -> int:
        image = pixels(drawn(tmp_path, signal, Picture.WAVEFORM_PNG))[60:]
        return int(((image[..., 0] > 200) & (image[..., 1] < 120)).sum())

    signal = tone(RATE, 5, -1.0)
    assert red(signal) == 0
    signal[50_000:50_010] = 1.0
    assert red(signal) > 10


@pytest.mark.parametrize("name", [name for name in Picture if name.endswith(".png")])
@pytest.mark.parametrize(
    "signal",
    [
        pytest.param(np.full((1, 2), 0.5), id="one sample"),
        pytest.param(silence(RATE, 3), id="silence"),
        pytest.param(noise(RATE, 1, channels=1), id="mono"),
        pytest.param(noise(RATE, 1, channels=6), id="5.1"),
        pytest.param(noise(RATE, 0.2, channels=12), id="objects"),
    ],
)
def test_any_audio_has_pictures(tmp_path: Path, name: Picture, signal: Signal) -> None:
    image = pixels(drawn(tmp_path, signal, name))
    assert image.shape[1] == 1600
    assert image.shape[0] >= 400


def test_what_is_no_audio_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cover.png"
    Image.new("RGB", (8, 8)).save(path)
    with pytest.raises(Refused):
        picture(str(path), Picture.WAVEFORM_PNG)


def test_columns_stay_few_however_many_come() -> None:
    columns = Columns(8, 1)
    for value in range(1000):
        columns.add(np.array([value], np.float32))
    found = columns.result()[:, 0]
    assert len(found) <= 8
    assert found == pytest.approx([columns.each * (i + 0.5) - 0.5 for i in range(len(found))])
