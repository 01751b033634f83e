"""A DSP looks at the files itself: what a message states of them otherwise is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
from tests.sandbox.house import House
from tests.sandbox.packages import Package

from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.sandbox.probing import probed

SECONDS, RATE = 4, 44_100
NOISE = np.random.default_rng(5).normal(size=(SECONDS * RATE, 2)) * 0.1
TRUE = {
    "ContainerFormat": "WAV",
    "AudioCodecType": "PCM",
    "NumberOfChannels": "2",
    "SamplingRate": "44100",
    "BitsPerSample": "16",
}


def sound(format: str = "WAV", subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, NOISE, RATE, format=format, subtype=subtype)
    return file.getvalue()


def stating(audio: bytes, lasts: str = f"PT{SECONDS}S", **stated: str | None) -> Package:
    """A package whose message states this of its one file."""
    values = {name: value for name, value in (TRUE | stated).items() if value is not None}
    units = {"SamplingRate": ' UnitOfMeasure="Hz"', "BitRate": ' UnitOfMeasure="kbps"'}
    order = ("ContainerFormat", "AudioCodecType", "BitRate", "NumberOfChannels", "SamplingRate")
    lines = "".join(
        f"<{name}{units.get(name, '')}>{values[name]}</{name}>"
        for name in (*order, "BitsPerSample")
        if name in values
    )

    def change(text: str) -> str:
        text = text.replace("<Type>AudioFile</Type>", f"<Type>AudioFile</Type>{lines}")
        return text.replace("<Duration>PT1M<", f"<Duration>{lasts}<")

    return Package(audio=audio, change_ern=change)


def outcome(tmp_path: Path, package: Package, schemas: Path) -> str:
    """What it answers: nothing, or what it found wrong."""
    house = House(tmp_path, schemas)
    house.receive(package)
    return "; ".join(answer.error_text for answer in house.acknowledgements()).strip("; ")


MP3 = {"ContainerFormat": None, "AudioCodecType": "MP3", "BitsPerSample": None}


@pytest.mark.parametrize(
    ("audio", "stated", "said"),
    [
        (sound, {}, ""),
        (sound, {"BitsPerSample": "24"}, "BitsPerSample is 16, the message states 24"),
        (sound, {"SamplingRate": "48000"}, "SamplingRate is 44100, the message states 48000"),
        (sound, {"NumberOfChannels": "1"}, "NumberOfChannels is 2, the message states 1"),
        (sound, {"AudioCodecType": "FLAC"}, "AudioCodecType is PCM, the message states FLAC"),
        (sound, {"ContainerFormat": "AIFF"}, "ContainerFormat is WAV, the message states AIFF"),
        (sound, {"BitsPerSample": None}, "BitsPerSample is 16, the message does not say"),
        (sound, {"lasts": "PT9S"}, "Duration is 4.0, the message states PT9S"),
        (lambda: b"RIFF audio", {}, "cannot be read as what the message states"),
        (
            lambda: sound("FLAC", "PCM_24"),
            {"ContainerFormat": None, "AudioCodecType": "FLAC", "BitsPerSample": "24"},
            "",
        ),
        (
            lambda: sound("MP3", "MPEG_LAYER_III"),
            MP3 | {"BitRate": "1411"},
            "the message states 1411000",
        ),
        (lambda: sound("MP3", "MPEG_LAYER_III"), MP3, "the message does not say"),
    ],
)
def test_what_is_stated_otherwise_than_it_is_is_refused(
    tmp_path: Path,
    schemas: Path,
    audio: Callable[[], bytes],
    stated: dict[str, str],
    said: str,
) -> None:
    found = outcome(tmp_path, stating(audio(), **stated), schemas)

    assert said in found
    assert bool(said) == bool(found)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (
            ["-c:a", "alac", "-f", "ipod"],
            {"ContainerFormat": "MP4", "AudioCodecType": "ALAC", "BitsPerSample": "16"},
        ),
        (
            ["-c:a", "aac", "-b:a", "256k", "-f", "ipod"],
            {"ContainerFormat": "MP4", "AudioCodecType": "AAC"},
        ),
        (
            ["-c:a", "libopus", "-b:a", "192k", "-f", "ogg"],
            {"ContainerFormat": "Ogg", "AudioCodecType": "Opus", "SamplingRate": "48000"},
        ),
    ],
)
def test_the_sandbox_reads_what_platforms_take(
    tmp_path: Path, options: list[str], found: dict[str, str]
) -> None:
    (tmp_path / "a.wav").write_bytes(sound())
    ffmpeg.run([*ffmpeg.source(str(tmp_path / "a.wav"), "wav"), *options, f"{tmp_path}/a"])

    seen = probed(tmp_path / "a")

    assert found.items() <= seen.items()
    assert float(seen["Duration"]) == pytest.approx(SECONDS, abs=0.1)
    assert ("BitRate" in seen) == ("BitsPerSample" not in seen)
