"""What keeps a release from being submitted: one thing wrong, one problem named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from tests.domain.complete import (
    ARTISTS,
    ASSETS,
    ATMOS,
    AUDIO,
    COMPLETE,
    COVER,
    DAY,
    track,
)

from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Isrc, Sha256
from deadwax.domain.metadata import Attachment, ReleaseMetadata
from deadwax.domain.rules import problems
from deadwax.domain.tracks import ImmersiveEdition
from deadwax.domain.vocabulary import AttachmentKind, ReleaseType


def found(release: ReleaseMetadata) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems(release, ASSETS)]


def with_track(**changes: Any) -> ReleaseMetadata:
    return replace(COMPLETE, tracks=(track(1), track(2, **changes)))


def with_edition(isrc: Isrc, audio: Sha256 = ATMOS) -> ReleaseMetadata:
    return with_track(immersive=ImmersiveEdition(isrc=isrc, audio=audio))


def test_a_complete_release_has_no_problems() -> None:
    assert problems(COMPLETE, ASSETS) == []


@pytest.mark.parametrize(
    "field",
    [
        *("icpn", "type", "label", "genre", "p_line", "c_line", "release_date"),
        *("original_release_date", "parental_warning", "language", "cover"),
    ],
)
def test_a_release_names_what_it_lacks(field: str) -> None:
    absent: dict[str, Any] = {field: None}
    [problem] = problems(replace(COMPLETE, **absent), ASSETS)

    assert (problem.code, problem.field) == (f"{field}_missing", field)
    assert problem.fix


@pytest.mark.parametrize(
    "field",
    ["isrc", "title", "language", "instrumental", "parental_warning", "p_line", "genre"],
)
def test_a_track_names_what_it_lacks(field: str) -> None:
    [problem] = problems(with_track(**{field: None}), ASSETS)

    assert (problem.code, problem.field) == (f"{field}_missing", f"tracks[1].{field}")
    assert problem.fix


def test_a_track_names_that_it_has_neither_audio_nor_video() -> None:
    [problem] = problems(with_track(audio=None), ASSETS)

    assert (problem.code, problem.field) == ("file_missing", "tracks[1].file")


@pytest.mark.parametrize(
    ("release", "code", "field"),
    [
        (replace(COMPLETE, artists=()), "main_artist_missing", "artists"),
        (replace(COMPLETE, artists=ARTISTS[1:]), "main_artist_missing", "artists"),
        (with_track(artists=ARTISTS[1:]), "main_artist_missing", "tracks[1].artists"),
        (replace(COMPLETE, tracks=()), "tracks_missing", "tracks"),
        (
            replace(COMPLETE, type=ReleaseType.SINGLE, tracks=tuple(track(n) for n in range(1, 8))),
            "single_too_long",
            "type",
        ),
        (with_track(isrc=Isrc("GBAYE6900001")), "isrc_twice", "tracks[1].isrc"),
        (with_edition(Isrc("GBAYE6900001")), "isrc_twice", "tracks[1].immersive.isrc"),
        (with_edition(Isrc("GBAYE6900002")), "isrc_twice", "tracks[1].immersive.isrc"),
        (with_track(number=3), "track_sequence", "tracks"),
        (replace(COMPLETE, tracks=(track(2),)), "track_sequence", "tracks"),
        (with_track(number=1, disc=3), "disc_sequence", "tracks"),
        (with_track(audio=Sha256("b" * 64)), "asset_unknown", "tracks[1].audio"),
        (with_track(audio=ATMOS), "immersive_as_track", "tracks[1].audio"),
        (
            with_edition(Isrc("GBAYE6999999"), AUDIO),
            "immersive_format_unknown",
            "tracks[1].immersive.audio",
        ),
        (with_track(audio=COVER), "asset_kind", "tracks[1].audio"),
        (replace(COMPLETE, cover=Sha256("b" * 64)), "asset_unknown", "cover"),
        (replace(COMPLETE, cover=AUDIO), "asset_kind", "cover"),
        (with_track(preview_start=180), "preview_after_end", "tracks[1].preview_start"),
        (
            with_track(preview_start=170, preview_length=11),
            "preview_after_end",
            "tracks[1].preview_length",
        ),
        (
            replace(COMPLETE, original_release_date=DAY + timedelta(days=1)),
            "original_after_release",
            "original_release_date",
        ),
        (replace(COMPLETE, deals=()), "deals_missing", "deals"),
        (replace(COMPLETE, rights=()), "rights_missing", "rights"),
    ],
)
def test_one_thing_wrong_is_one_problem(release: ReleaseMetadata, code: str, field: str) -> None:
    assert found(release) == [(code, field)]
    assert all(problem.message and problem.fix for problem in problems(release, ASSETS))


def test_all_problems_are_named_at_once() -> None:
    release = replace(COMPLETE, icpn=None, tracks=(track(1, isrc=None), track(2, title=None)))

    assert found(release) == [
        ("icpn_missing", "icpn"),
        ("isrc_missing", "tracks[0].isrc"),
        ("title_missing", "tracks[1].title"),
    ]


@pytest.mark.parametrize(
    "release",
    [
        pytest.param(with_track(number=1, disc=2), id="two discs"),
        pytest.param(replace(COMPLETE, tracks=(track(2), track(1))), id="tracks in any order"),
        pytest.param(with_track(preview_start=179), id="a preview before the end"),
        pytest.param(with_track(preview_start=None), id="no preview"),
        pytest.param(with_track(preview_start=150, preview_length=30), id="a preview to the end"),
        pytest.param(with_edition(Isrc("GBAYE6999999")), id="an immersive edition"),
        pytest.param(replace(COMPLETE, type=ReleaseType.SINGLE), id="a single with a B side"),
        pytest.param(
            replace(COMPLETE, original_release_date=DAY - timedelta(days=9999)), id="a reissue"
        ),
    ],
)
def test_what_is_unusual_but_right_is_no_problem(release: ReleaseMetadata) -> None:
    assert found(release) == []


def test_problems_read_as_sentences() -> None:
    problem = Problem("isrc_missing", "tracks[3].isrc", "isrc is missing.", "Give the ISRC.")

    assert str(problem) == "tracks[3].isrc: isrc is missing."


def test_what_an_imported_draft_lacks_a_file_for_is_named() -> None:
    edition = ImmersiveEdition(isrc=Isrc("QZDWX2699001"))
    release = replace(
        with_track(immersive=edition),
        attachments=(Attachment(kind=AttachmentKind.BOOKLET),),
    )
    assert found(release) == [
        ("file_missing", "tracks[1].immersive.audio"),
        ("file_missing", "attachments[0].file"),
    ]
