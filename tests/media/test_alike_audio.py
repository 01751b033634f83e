"""The same recording is known again, encoded, cut or louder; another one, or one at another pitch,
is not: by real fingerprints."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import soundfile

from deadwax.domain.media.fingerprints import ALIKE, bit_errors, picture_terms, sound_terms
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.fingerprint import fingerprint
from deadwax.infrastructure.media.audio.headers import read_header

RATE = 44_100
SHARED = 3  # what the index asks for at least


@cache
def tune(seed: int, seconds: int = 40) -> np.ndarray:
    """Plucked chords of one key, with overtones and a little noise."""
    rng = np.random.default_rng(seed)
    out = rng.normal(0, 0.003, seconds * RATE)
    scale = np.array([0, 2, 4, 5, 7, 9, 11]) + rng.integers(0, 12)
    at = 0.0
    while at < seconds - 1:
        length = rng.choice([0.25, 0.5, 1.0])
        time = np.arange(int(length * RATE)) / RATE
        start = int(at * RATE)
        for _ in range(3):
            pitch = 55 * 2 ** ((rng.choice(scale) + 12 * rng.integers(1, 4)) / 12)
            for overtone in range(1, 6):
                tone = np.sin(2 * np.pi * pitch * overtone * time) * np.exp(-3 * time) / overtone
                out[start : start + len(time)] += tone * 0.1
        at += length
    return out / np.abs(out).max() * 0.7


def heard(path: Path) -> str:
    with path.open("rb") as file:
        header = read_header(file)
    assert header
    found = fingerprint(str(path), header)
    assert found
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tunes")


def written(folder: Path, samples: np.ndarray) -> Path:
    path = folder / "tune.wav"
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    return path


@pytest.fixture(scope="module")
def original(folder: Path) -> str:
    return heard(written(folder, tune(1)))


def shared(one: str, other: str) -> int:
    return len(set(sound_terms(one)) & set(sound_terms(other)))


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("mp3", ("-b:a", "64k")),
        ("m4a", ("-b:a", "96k")),
        ("flac", ("-ar", "48000")),
        ("wav", ("-af", "volume=-20dB")),
    ],
)
def test_the_same_recording_encoded_otherwise(
    ending: str, options: tuple[str, ...], folder: Path, original: str
) -> None:
    source, other = written(folder, tune(1)), folder / f"other.{ending}"
    ffmpeg.run([*ffmpeg.source(str(source), "wav"), *options, "-y", str(other)])
    again = heard(other)
    errors = bit_errors(original, again)
    assert errors is not None
    assert errors < 0.03
    assert shared(original, again) > 20 * SHARED / 3


@pytest.mark.parametrize("cut_s", [0.04, 0.06, 1.37, 15.0])
def test_the_same_recording_that_begins_later(cut_s: float, folder: Path, original: str) -> None:
    again = heard(written(folder, tune(1)[round(cut_s * RATE) :]))
    errors = bit_errors(original, again)
    assert errors is not None
    assert errors < 0.12 < ALIKE
    assert shared(original, again) >= 2 * SHARED
    assert bit_errors(again, original) == pytest.approx(errors)


@pytest.mark.parametrize("by", [2 ** (1 / 12), 2 ** (-1 / 12), 1.01])
def test_the_same_recording_at_another_pitch_is_another(
    by: float, folder: Path, original: str
) -> None:
    source, other = written(folder, tune(1)), folder / "shifted.wav"
    shift = f"asetrate={round(RATE * by)},aresample={RATE}"
    ffmpeg.run([*ffmpeg.source(str(source), "wav"), "-af", shift, "-y", str(other)])
    errors = bit_errors(original, heard(other))
    assert errors is None or errors > ALIKE


@pytest.mark.parametrize("seed", range(2, 8))
def test_other_recordings(seed: int, folder: Path, original: str) -> None:
    other = heard(written(folder, tune(seed)))
    errors = bit_errors(original, other)
    assert errors is None or errors > 2 * ALIKE
    assert shared(original, other) < SHARED


def test_our_items_are_those_of_chromaprint(folder: Path, original: str) -> None:
    source = ffmpeg.source(str(written(folder, tune(1))), "wav")
    raw = ffmpeg.run([*source, "-f", "chromaprint", "-fp_format", "raw", "pipe:1"])
    told = {int(item) >> 8 for item in np.frombuffer(raw, "<u4")}
    assert set(sound_terms(original)) <= told
    assert len(sound_terms(original)) > len(told) / 5


def test_silence_has_nothing_to_be_known_by(folder: Path) -> None:
    silent = written(folder, np.zeros(20 * RATE))
    assert len(sound_terms(heard(silent))) < SHARED


def test_what_is_no_fingerprint_is_refused() -> None:
    for broken in ("AQAB", "AQAAEA", "A"):
        with pytest.raises(ValueError, match="fingerprint"):
            bit_errors(broken, broken)


def test_plain_pictures_have_nothing_to_be_known_by() -> None:
    assert picture_terms("8000000000000000") == ()
    assert len(picture_terms("0f0f0f0f0f0f0f0f")) == 7
