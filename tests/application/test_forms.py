"""The files of a release in the form that a target wants, against the limits of its platform."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest
from tests.domain.complete import CLEAN, COMPLETE, facts

from deadwax.application.forms import Files, files_of, wanted
from deadwax.domain.adapted import Adapted, form_of
from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import InvalidValue, Refused
from deadwax.domain.failures import OF_FORMAT, category_of
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.form import DELIVERED_AUDIO, Form, MediaForm
from deadwax.domain.media.measured import Analysis, AudioMeasured, Fault
from deadwax.domain.media.recipes import IMAGE_RECIPES
from deadwax.domain.renditions import Rendition
from deadwax.domain.tracks import ImmersiveEdition
from deadwax.domain.vocabulary import AssetKind

TENANT = UUID(int=7)
AUDIO, COVER, ATMOS = (Sha256(letter * 64) for letter in "123")
TRACK = replace(
    COMPLETE.tracks[0],
    audio=AUDIO,
    immersive=ImmersiveEdition(isrc=Isrc("USS1Z9900009"), audio=ATMOS),
)
RELEASE = replace(COMPLETE, cover=COVER, tracks=(TRACK,), attachments=())
SOURCES: dict[str, AssetFacts] = {
    AUDIO: facts(AUDIO, AssetKind.AUDIO),
    COVER: facts(COVER, AssetKind.IMAGE),
    ATMOS: replace(facts(ATMOS, AssetKind.AUDIO), analysis=None),
}
MADE: dict[str, tuple[str, str, int | None, int | None]] = {
    "flac": ("FLAC", "FLAC", 16, None),
    "wav": ("WAV", "PCM", 16, None),
    "mp3_320": ("MP3", "MP3", None, 320_000),
}


def rendition(source: AssetFacts, form: Form) -> Rendition:
    """As it comes out of a recipe of `form`."""
    made = replace(source, sha256=f"e{source.sha256[1:]}", analysis=None)
    if source.audio:
        container, codec, bits, rate = MADE[form.audio or ""]
        measured = AudioFacts(
            container=container,
            codec=codec,
            channels=source.audio.channels,
            sampling_rate=44_100,
            bits_per_sample=bits,
            duration_ms=source.audio.duration_ms,
            bit_rate=rate,
        )
        made = replace(made, audio=measured)
    if form.image_recipe and source.image:
        side = form.image_recipe.pixels
        made = replace(made, image=ImageFacts(codec="JPEG", width=side, height=side))
    recipe = form.audio_recipe if source.audio else form.image_recipe
    assert recipe is not None
    with acting(Cause(TENANT, "key:test", "c")):
        same = form.audio in ("flac", "wav")
        return Rendition.make(
            TENANT, source.sha256, recipe, made, encoder="test", same_samples=same
        )


def delivered(media: MediaForm, sources: dict[str, AssetFacts]) -> Files:
    form = form_of(media, None)
    made = {str(one.source): rendition(sources[one.source], form) for one in wanted(RELEASE, form)}
    return files_of(RELEASE, sources, made)


def refused(media: MediaForm, sources: dict[str, AssetFacts]) -> list[tuple[str, str]]:
    try:
        delivered(media, sources).require_within(media.limits_for(form_of(media, None)))
    except Refused as why:
        return [(problem.code, problem.field) for problem in why.problems]
    return []


def test_recordings_and_pictures_are_replaced_and_an_immersive_edition_stays() -> None:
    files = delivered(MediaForm(audio="flac", artwork="jpeg_1400"), SOURCES)

    (track,) = files.release.tracks
    assert files.release.cover == f"e{COVER[1:]}"
    assert track.audio == f"e{AUDIO[1:]}"
    assert track.immersive is not None
    assert track.immersive.audio == ATMOS
    assert {files.assets[sha].sha256 for sha in (files.release.cover, track.audio)} == {
        files.release.cover,
        track.audio,
    }


def test_what_no_form_is_wanted_of_stays_as_it_was_uploaded() -> None:
    assert wanted(RELEASE, Form()) == []
    assert [one.field for one in wanted(RELEASE, Form(audio="wav"))] == ["tracks[0].audio"]
    assert [one.field for one in wanted(RELEASE, Form(artwork="jpeg_500"))] == ["cover"]
    assert delivered(MediaForm(), SOURCES).release == RELEASE


LYING = replace(
    SOURCES[AUDIO],
    analysis=replace(CLEAN[AssetKind.AUDIO], faults=(Fault(code="size_wrong", message="Wrong."),)),
)


@pytest.mark.parametrize(
    ("media", "changed", "told"),
    [
        (MediaForm(), {}, []),
        (MediaForm(limits="amazon_music"), {}, [("codec_not_taken", "tracks[0].audio")]),
        (MediaForm(limits="amazon_music", audio="flac"), {}, []),
        (MediaForm(limits="jiosaavn", audio="mp3_320", artwork="jpeg_1000"), {}, []),
        (
            MediaForm(limits="amazon_music", audio="flac", artwork="jpeg_1400"),
            {},
            [("image_too_small", "cover")],
        ),
        (MediaForm(audio="mp3_320", artwork="jpeg_500"), {}, []),
        (MediaForm(), {AUDIO: LYING}, [("size_wrong", "tracks[0].audio")]),
        (MediaForm(audio="wav"), {AUDIO: LYING}, []),
    ],
)
def test_what_is_delivered_keeps_the_limits_of_its_platform(
    media: MediaForm, changed: dict[str, AssetFacts], told: list[tuple[str, str]]
) -> None:
    found = refused(media, SOURCES | changed)

    assert set(told) <= set(found)
    assert bool(told) == bool(found)


def test_silence_of_the_master_is_that_of_the_rendition_and_its_peaks_are_not() -> None:
    heard = AudioMeasured(
        frames=180 * 44_100,
        bitrate_bps=1_411_200,
        sample_peak_dbfs=-3.0,
        leading_silence_s=60.0,
        true_peak_dbtp=2.0,
        clipped_runs=7,
    )
    source = replace(SOURCES[AUDIO], analysis=Analysis(analyser="1", audio=heard))
    media = MediaForm(audio="mp3_320")

    assert refused(media, SOURCES | {AUDIO: source}) == [
        ("leading_silence_long", "tracks[0].audio")
    ]
    judged = dict(
        (file.field, known) for file, known in delivered(media, SOURCES | {AUDIO: source}).judged
    )["tracks[0].audio"]
    assert judged.analysis is not None
    assert judged.analysis.audio is not None
    assert judged.analysis.audio.leading_silence_s == 60.0
    assert judged.analysis.audio.true_peak_dbtp is None
    assert judged.analysis.audio.clipped_runs == 0


def test_what_was_taken_in_before_files_were_measured_is_not_judged() -> None:
    old = replace(SOURCES[AUDIO], analysis=None)

    assert refused(MediaForm(limits="amazon_music"), SOURCES | {AUDIO: old}) == []


def test_a_form_that_was_refused_stays_away_until_the_target_wants_another() -> None:
    media = MediaForm(audio="wav", other_audio=("flac", "mp3_320"))

    assert [media.audio_after(one) for one in ("wav", "flac", "mp3_320", None)] == [
        *("flac", "mp3_320"),
        *(None, None),
    ]
    assert form_of(media, Adapted("wav", "mp3_320")).audio == "mp3_320"
    assert form_of(replace(media, audio="wav_16_44"), Adapted("wav", "flac")).audio == "wav_16_44"
    assert form_of(replace(media, other_audio=()), Adapted("wav", "flac")).audio == "wav"


@pytest.mark.parametrize(
    ("media", "code"),
    [
        ({"audio": "wax"}, "media_audio_unknown"),
        ({"audio": "preview_mp3"}, "media_audio_unknown"),
        ({"artwork": "flac"}, "media_artwork_unknown"),
        ({"other_audio": ("flac", "wax")}, "media_other_audio_unknown"),
        ({"audio": "flac", "other_audio": ("flac",)}, "media_other_audio_twice"),
        ({"limits": "nobody"}, "media_limits_unknown"),
    ],
)
def test_a_form_that_there_is_not_is_refused_by_name(media: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidValue) as refusal:
        MediaForm(**media)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_the_page_names_every_recipe_and_its_example_is_a_form() -> None:
    page = (Path(__file__).parents[2] / "docs" / "forms-of-files.md").read_text()
    _, example, _ = page.replace("```json", "```").split("```", 2)

    said = json.loads("{" + example + "}")["media"]
    assert MediaForm(**said | {"other_audio": tuple(said["other_audio"])}).audio == "wav_16_44"
    assert {name for name in (*DELIVERED_AUDIO, *IMAGE_RECIPES) if f"`{name}`" not in page} == set()


def test_every_finding_has_a_category() -> None:
    platforms = {code for code in OF_FORMAT if code.startswith("platform_")}
    assert OF_FORMAT - platforms <= CHECKS.keys()
    assert len(platforms) == 1
    assert category_of([]) == "metadata_invalid"
