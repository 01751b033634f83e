"""What is recognised, read and found wrong of audio files of every format."""

from __future__ import annotations

import hashlib
import io
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.media.broken import FAULTS, SOUND, UNREADABLE, Case, patched
from tests.media.formats import FORMATS, LOSSLESS
from tests.media.material import RATE, SECONDS, chunk, fmt, kept, made, music
from tests.media.signals import integers

from deadwax.domain.assets import AudioFacts
from deadwax.domain.errors import Refused
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.measured import Analysis
from deadwax.infrastructure.media.analyse import analyse
from deadwax.infrastructure.media.audio.header import Header, Span
from deadwax.infrastructure.media.audio.pcm import pcm_blocks
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
def test_the_same_audio_has_one_hash_in_every_container(tmp_path: Path, bits: int) -> None:
    found = [
        analysed(kept(tmp_path, name, made(name)), f"music.{form.ending}").audio
        for name, form in LOSSLESS.items()
        if form.bits == bits
    ]
    packed = integers(music(), bits).astype("<i4") >> (0 if bits == 16 else 8)
    stored = packed.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()
    assert {audio and audio.pcm_sha256 for audio in found} == {hashlib.sha256(stored).hexdigest()}
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


@pytest.mark.parametrize(
    "name",
    [
        "FLAC with a flipped bit",
        "ALAC with a hole",
        "AAC with a hole",
        "MP3 with a gap",
        "Opus with a flipped bit",
    ],
)
def test_damage_is_told_with_its_time(tmp_path: Path, name: str) -> None:
    """It is in the middle of each of these; a page of Opus is a second."""
    path = kept(tmp_path, "file", FAULTS[name].data())
    with open_audio(path, thorough=True) as stream:
        for _ in stream.blocks(10_000):
            pass
    (fault,) = stream.faults
    assert fault.at_s is not None
    assert 0.25 * SECONDS <= fault.at_s <= 0.6 * SECONDS


@pytest.mark.parametrize("name", ["alac_16", "aac_256"])
def test_what_an_edit_list_cuts_off_is_not_counted(tmp_path: Path, name: str) -> None:
    data, half = made(name), RATE * SECONDS // 2
    at = data.index(b"elst") + 12
    path = kept(tmp_path, "file", patched(at, struct.pack(">I", half))(data))
    facts = recognise(path, "music.m4a")
    assert isinstance(facts, AudioFacts)
    assert facts.duration_ms == SECONDS * 500
    found = analyse(path, "music.m4a", facts, lambda done: None)
    assert found.faults == ()
    assert found.audio
    assert abs(found.audio.frames - half) <= 1


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    case: Case = UNREADABLE[name]
    path = kept(tmp_path, "file", case.data())
    with pytest.raises(Refused) as caught:
        recognise(path, case.filename)
    assert [problem.code for problem in caught.value.problems] == [case.refused]


def test_rf64_of_more_than_four_gigabytes_is_read(tmp_path: Path) -> None:
    """Sparse: only its ends are on the disk."""
    frames = (5 << 30) // 4
    head = b"RF64\xff\xff\xff\xffWAVE" + chunk(
        b"ds64", struct.pack("<QQQI", 4 * frames + 100, 4 * frames, frames, 0)
    )
    head += fmt() + b"data\xff\xff\xff\xff"
    path = tmp_path / "long.wav"
    with path.open("wb") as file:
        file.write(head)
        file.truncate(len(head) + 4 * frames - 4)
        file.seek(0, 2)
        file.write(b"\1\0\2\0" + chunk(b"LIST", b"INFOabcd"))
    with open_audio(str(path)) as stream:
        header = stream.header
        last = Span(start=header.audio.start + header.audio.length - 8, length=8)
        end = list(pcm_blocks(stream.file, replace(header, audio=last), 10))
    assert (header.frames, header.bytes_after, header.faults) == (frames, 16, ())
    assert [block.tolist() for block in end] == [[[0, 0], [1, 2]]]


@pytest.mark.parametrize(
    ("sample", "bits", "data", "read"),
    [
        ("u1", 8, b"\x00\x80\xff", [-32768, 0, 32512]),
        (">i1", 8, b"\x80\x00\x7f", [-32768, 0, 32512]),
        (">i3", 24, b"\x80\0\0\x00\x00\x01", [-(2**31), 256]),
        ("<i3", 24, b"\0\0\x80\x01\x00\x00", [-(2**31), 256]),
        (">i4", 32, b"\x80\0\0\0\0\0\0\1", [-(2**31), 1]),
        ("<f8", None, struct.pack("<dd", -1, 0.5), [-1, 0.5]),
        (">f4", None, struct.pack(">ff", -1, 0.5), [-1, 0.5]),
    ],
)
def test_samples_of_every_width_and_order_are_left_justified(
    sample: str, bits: int | None, data: bytes, read: list[float]
) -> None:
    whole = Span(start=3, length=len(data))
    header = Header(
        container="WAV",
        codec="PCM",
        channels=1,
        sampling_rate=RATE,
        audio=whole,
        frames=len(read),
        bits=bits,
        sample=sample,
    )
    (block,) = pcm_blocks(io.BytesIO(b"RIF" + data), header, 10)
    assert block[:, 0].tolist() == read


def test_every_refusal_is_documented() -> None:
    said = (Path(__file__).parents[2] / "docs" / "audio-files.md").read_text()
    assert {
        case.refused for case in UNREADABLE.values() if f"`{case.refused}`" not in said
    } == set()
