"""What of the bytes of a release's files keeps it from being submitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from tests.domain.complete import ASSETS, ATMOS, AUDIO, CLEAN, COMPLETE, COVER, facts, track

from deadwax.domain.assets import AssetFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.media.measured import Analysis, Fault, TextMeasured
from deadwax.domain.metadata import Attachment, ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.rules import problems
from deadwax.domain.tracks import ImmersiveEdition
from deadwax.domain.vocabulary import AssetKind, AttachmentKind

EXTRA = Sha256("e" * 64)


def found(release: ReleaseMetadata, *others: AssetFacts) -> list[Problem]:
    return problems(release, ASSETS | {other.sha256: other for other in others})


def heard(**measured: Any) -> AssetFacts:
    clean = CLEAN[AssetKind.AUDIO]
    assert clean.audio
    analysis = replace(clean, audio=replace(clean.audio, **measured))
    return replace(ASSETS[AUDIO], analysis=analysis)


def test_what_blocks_is_told_for_each_track_with_value_limit_time_and_fix() -> None:
    fault = Fault(code="audio_damaged", message="A block cannot be decoded.", at_s=83.25)
    bad = replace(ASSETS[AUDIO], analysis=replace(CLEAN[AssetKind.AUDIO], faults=(fault,)))
    one, two = found(COMPLETE, bad)
    assert (one.field, two.field) == ("tracks[0].audio", "tracks[1].audio")
    assert one.code == two.code == "audio_damaged"
    assert one.message == "file.audio at 1:23.2: A block cannot be decoded."
    assert one.fix


def test_the_whole_list_is_told_at_once() -> None:
    silent = heard(leading_silence_s=12.0, correlation=-0.99)
    small = facts(COVER, AssetKind.IMAGE)
    assert small.image
    cover = replace(small, image=replace(small.image, width=1400, height=1400))
    said = found(replace(COMPLETE, tracks=(track(1),)), silent, cover)
    assert [(p.field, p.code) for p in said] == [
        ("cover", "image_too_small"),
        ("tracks[0].audio", "leading_silence_long"),
        ("tracks[0].audio", "phase_inverted"),
    ]
    assert "12 s" in said[1].message
    assert "10 s" in said[1].message


def test_what_only_warns_does_not_stop() -> None:
    assert found(COMPLETE, heard(clipped_runs=3, clipped_longest=5, clipped_at_s=1.0)) == []


@pytest.mark.parametrize("waits", [True, False])
def test_what_was_not_measured_is_not_submitted(waits: bool) -> None:
    unmeasured = replace(ASSETS[COVER], analysis=None, awaits_analysis=waits)
    [problem] = found(COMPLETE, unmeasured)
    assert (problem.code, problem.field) == ("asset_not_analysed", "cover")
    assert problem.fix.startswith("Wait" if waits else "Have it measured: POST")
    assert COVER in problem.fix


def test_what_could_not_be_read_is_not_submitted() -> None:
    fault = Fault(code="media_decoder_died", message="The program broke off.")
    unread = replace(ASSETS[COVER], analysis=Analysis(analyser="none", faults=(fault,)))
    assert [p.code for p in found(COMPLETE, unread)] == ["media_decoder_died"]


def test_pictures_beside_the_cover_need_not_be_covers() -> None:
    small = facts(EXTRA, AssetKind.IMAGE)
    assert small.image
    photograph = replace(small, image=replace(small.image, width=900, height=600))
    attached = Attachment(kind=AttachmentKind.PHOTOGRAPH, file=EXTRA)
    assert found(replace(COMPLETE, attachments=(attached,)), photograph) == []
    assert found(replace(COMPLETE, cover=EXTRA), photograph)


def test_an_immersive_master_is_held_to_its_own_limits() -> None:
    loud = ASSETS[ATMOS]
    assert loud.analysis
    assert loud.analysis.audio
    louder = replace(loud.analysis.audio, integrated_lufs=-9.0)
    edition = ImmersiveEdition(isrc=Isrc("GBAYE6900009"), audio=ATMOS)
    release = replace(COMPLETE, tracks=(track(1, immersive=edition), track(2)))
    [told] = found(release, replace(loud, analysis=replace(loud.analysis, audio=louder)))
    assert (told.field, told.code) == ("tracks[0].immersive.audio", "atmos_loudness")
    assert found(release) == []


def test_lyrics_are_held_against_the_recording_that_they_are_of() -> None:
    lyrics = replace(
        facts(EXTRA, AssetKind.TEXT),
        analysis=Analysis(analyser="1", text=TextMeasured(lines=9, timed_lines=9, last_time_s=200)),
    )
    attached = Attachment(kind=AttachmentKind.LYRICS, file=EXTRA, isrc=COMPLETE.tracks[0].isrc)
    [problem] = found(replace(COMPLETE, attachments=(attached,)), lyrics)
    assert (problem.code, problem.field) == ("lyrics_beyond_end", "attachments[0].file")
    other = replace(attached, isrc=None)
    assert found(replace(COMPLETE, attachments=(other,)), lyrics) == []


def test_a_submitted_release_is_not_amended_to_bad_files() -> None:
    release = Release.draft(uuid4(), COMPLETE)
    release.submit(ASSETS)
    inverted = {AUDIO: heard(correlation=-1.0)}
    with pytest.raises(Refused, match="turned over"):
        release.amend(replace(COMPLETE, tracks=(track(1),)), ASSETS | inverted)
    assert len(release.metadata.tracks) == 2
