"""What is recognised, read and found wrong of audio files of every format."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest
from tests.media.broken import FAULTS, SOUND, UNREADABLE, Case
from tests.media.formats import FORMATS, LOSSLESS
from tests.media.material import RATE, SECONDS, kept, made, music
from tests.media.signals import integers

from deadwax.domain.assets import AudioFacts
from deadwax.domain.errors import Refused
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.measured import Analysis
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.recognise import recognise


def analysed(path: str, filename: str) -> Analysis:
    return analyse(path, filename, recognise(path, filename), lambda done: None)


@pytest.mark.parametrize("name", FORMATS)
def test_a_file_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    form = FORMATS[name]
    found = recognise(kept(tmp_path, "file", made(name)), f"music.{form.ending}")
    assert isinstance(found, AudioFacts)
    assert (found.container, found.codec, found.channels) == (form.container, form.codec, 2)
    assert found.bits_per_sample == form.bits
    assert found.duration_ms == SECONDS * 1000
    assert (found.bit_rate is None) == (name in LOSSLESS)
    assert found.immersive is None


@pytest.mark.parametrize("name", LOSSLESS)
def test_lossless_audio_is_read_to_the_bit(tmp_path: Path, name: str) -> None:
    bits = LOSSLESS[name].bits
    assert bits
    with open_audio(kept(tmp_path, "file", made(name))) as stream:
        blocks = list(stream.blocks(10_000))
    read = np.concatenate(blocks)
    assert read.dtype == (np.int16 if bits == 16 else np.int32)
    assert [len(block) for block in blocks[:-1]] == [10_000] * (len(blocks) - 1)
    np.testing.assert_array_equal(read, integers(music(), bits))


@pytest.mark.parametrize("bits", [16, 24])
def test_the_same_audio_has_one_hash_and_one_fingerprint_in_every_container(
    tmp_path: Path, bits: int
) -> None:
    found = [
        analysed(kept(tmp_path, name, made(name)), f"music.{form.ending}").audio
        for name, form in LOSSLESS.items()
        if form.bits == bits
    ]
    packed = integers(music(), bits).astype("<i4") >> (0 if bits == 16 else 8)
    stored = packed.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    assert {audio and audio.pcm_sha256 for audio in found} == {hashlib.sha256(stored).hexdigest()}
    assert len({audio and audio.fingerprint for audio in found}) == 1
    assert len(found) >= 4


@pytest.mark.parametrize("name", FORMATS)
def test_a_sound_file_has_no_fault(tmp_path: Path, name: str) -> None:
    found = analysed(kept(tmp_path, "file", made(name)), f"music.{FORMATS[name].ending}")
    assert found.faults == ()
    assert found.audio
    assert found.audio.frames == RATE * SECONDS or found.audio.frames == 48_000 * SECONDS


@pytest.mark.parametrize("name", SOUND)
def test_what_is_unusual_is_no_fault(tmp_path: Path, name: str) -> None:
    case = SOUND[name]
    assert analysed(kept(tmp_path, "file", case.data()), case.filename).faults == ()


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_and_no_other(tmp_path: Path, name: str) -> None:
    case: Case = FAULTS[name]
    found = analysed(kept(tmp_path, "file", case.data()), case.filename)
    assert tuple(fault.code for fault in found.faults) == case.faults
    assert {fault.code for fault in found.faults} <= CHECKS.keys()


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    case: Case = UNREADABLE[name]
    path = kept(tmp_path, "file", case.data())
    with pytest.raises(Refused) as caught:
        recognise(path, case.filename)
    assert [problem.code for problem in caught.value.problems] == [case.refused]
