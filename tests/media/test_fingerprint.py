"""Fingerprints: the same in every container, near for what sounds alike, far for the rest."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.media.formats import FORMATS
from tests.media.material import RATE
from tests.media.signals import Signal

from deadwax.domain.media.fingerprints import bit_errors
from deadwax.infrastructure.media.audio.fingerprint import fingerprint
from deadwax.infrastructure.media.audio.reading import open_audio


def melody(notes: list[int], seconds: float = 0.8) -> Signal:
    time = np.arange(int(RATE * seconds)) / RATE
    tones = [
        sum(np.sin(2 * np.pi * 220 * 2 ** (note / 12) * k * time) / k for k in (1, 2, 3))
        for note in notes
    ]
    return np.repeat(np.concatenate(tones)[:, None] * 0.2, 2, axis=1)


ONE = melody([0, 4, 7, 12, 7, 4, 2, 5, 9, 14])
OTHER = melody([3, 3, 10, 1, 8, 11, 6, 6, 13, 0])


def printed(folder: Path, form: str, signal: Signal) -> str:
    path = folder / f"{form}.{FORMATS[form].ending}"
    FORMATS[form].write(path, signal, RATE)
    with open_audio(str(path)) as stream:
        found = fingerprint(str(path), stream.header)
    assert found
    return found


def test_it_is_the_same_in_every_lossless_container(tmp_path: Path) -> None:
    forms = ("wav_24", "bw64_24", "aiff_24", "aifc_16", "flac_24", "alac_24")
    assert len({printed(tmp_path, form, ONE) for form in forms}) == 1


@pytest.mark.parametrize("form", ["mp3_320", "aac_256", "opus_192"])
def test_a_lossy_copy_is_near_and_another_song_is_not(tmp_path: Path, form: str) -> None:
    original, copy = printed(tmp_path, "wav_16", ONE), printed(tmp_path, form, ONE)
    other = printed(tmp_path, "aiff_16", OTHER)
    alike, different = bit_errors(original, copy), bit_errors(original, other)
    assert alike is not None
    assert alike < 0.15
    assert different is None or different > 0.3


def test_there_is_none_of_less_than_three_seconds(tmp_path: Path) -> None:
    path = tmp_path / "short.wav"
    FORMATS["wav_16"].write(path, ONE[:RATE], RATE)
    with open_audio(str(path)) as stream:
        assert fingerprint(str(path), stream.header) is None
