"""What a rendition says of itself, read again by another program's reader."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.media.rendering import rendered, samples, wav, words
from tests.media.signals import integers, noise

from deadwax.domain.identifiers import Icpn, Isrc, Sha256
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.domain.media.tags import Tags
from deadwax.domain.texts import Name, PartialDate
from deadwax.infrastructure.media import ffmpeg

TAGS = Tags(
    title=Name("Run = out; #1 \\ 夜に駆ける"),
    artists=(Name("Zoë"), Name("The Matrix Numbers")),
    album=Name("Locked Groove"),
    album_artists=(Name("Zoë"),),
    genre=Name("Electronic"),
    isrc=Isrc("QZDWX2600001"),
    icpn=Icpn("5901234123457"),
    label=Name("Run-out Records"),
    copyright=Name("2026 Run-out Records"),
    release_date=PartialDate("2026-11-20"),
    number=3,
    tracks=12,
    disc=1,
    discs=2,
)
COMMON = {
    "title": "Run = out; #1  夜に駆ける",  # the reader's own backslashes are taken away
    "artist": "Zoë; The Matrix Numbers",
    "album": "Locked Groove",
    "album_artist": "Zoë",
    "genre": "Electronic",
    "copyright": "2026 Run-out Records",
    "date": "2026-11-20",
}
VORBIS = {"isrc": "QZDWX2600001", "barcode": "5901234123457", "label": "Run-out Records"}
VORBIS |= {"track": "3", "tracktotal": "12", "disc": "1", "disctotal": "2"}
PLACES = {"track": "3/12", "disc": "1/2"}
CASES = {
    "flac": ("flac", VORBIS),
    "opus_192": ("ogg", VORBIS),
    "mp3_320": (
        "mp3",
        PLACES
        | {"tsrc": "QZDWX2600001", "barcode": "5901234123457", "publisher": "Run-out Records"},
    ),
    "aac_256": (
        "mov",
        PLACES | {"isrc": "QZDWX2600001", "barcode": "5901234123457", "label": "Run-out Records"},
    ),
}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return wav(tmp_path / "a.wav", noise(44_100, 0.5), 44_100, 16)


@pytest.fixture
def cover(tmp_path: Path) -> Path:
    picture = Image.effect_noise((320, 320), 60).convert("RGB")
    picture.save(tmp_path / "cover.jpg", "JPEG")
    return tmp_path / "cover.jpg"


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("with_cover", [False, True], ids=["bare", "cover"])
def test_words_and_codes_are_read_again(
    name: str, with_cover: bool, source: Path, cover: Path
) -> None:
    demuxer, own = CASES[name]

    made, out = rendered(
        source, replace(AUDIO_RECIPES[name], tags=TAGS), cover if with_cover else None
    )

    found = words(out, demuxer)
    assert {key: found.get(key) for key in COMMON | own} == COMMON | own
    assert "encoder" not in found
    assert made.facts


@pytest.mark.parametrize("name", CASES)
def test_a_cover_is_in_the_file_as_it_was(name: str, source: Path, cover: Path) -> None:
    demuxer, _ = CASES[name]
    recipe = replace(AUDIO_RECIPES[name], cover=Sha256("a" * 64))

    _, out = rendered(source, recipe, cover)

    picture = ["-map", "0:v", "-c", "copy", "-f", "image2pipe", "pipe:1"]
    assert ffmpeg.run([*ffmpeg.source(str(out), demuxer), *picture]) == cover.read_bytes()


def test_tags_change_no_sample(source: Path, cover: Path) -> None:
    recipe = replace(AUDIO_RECIPES["flac"], tags=TAGS, cover=Sha256("a" * 64))

    made, out = rendered(source, recipe, cover)

    assert made.same_samples
    assert np.array_equal(samples(out), integers(noise(44_100, 0.5), 16))
    assert sorted(path.name for path in out.parent.iterdir()) == [
        "a.rendition",
        "a.wav",
        "cover.jpg",
    ]


def test_without_tags_there_is_nothing_of_the_program_in_the_file(source: Path) -> None:
    _, out = rendered(source, AUDIO_RECIPES["mp3_320"])

    assert not out.read_bytes().startswith(b"ID3")


def test_an_m4a_is_whole_after_its_codes_were_added(source: Path, cover: Path) -> None:
    """Its boxes fill the file, one behind the other, and all samples are decoded."""
    _, out = rendered(source, replace(AUDIO_RECIPES["aac_256"], tags=TAGS), cover)

    data, at, kinds = out.read_bytes(), 0, []
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        kinds.append(kind)
        at += length
    assert at == len(data)
    assert kinds[-1] == b"moov"
    assert len(samples(out)) >= 22_050


def test_an_m4a_with_codes_alone_gets_a_list_for_them(source: Path) -> None:
    only = Tags(isrc=Isrc("QZDWX2600001"))

    _, out = rendered(source, replace(AUDIO_RECIPES["aac_256"], tags=only))

    assert words(out, "mov")["isrc"] == "QZDWX2600001"
