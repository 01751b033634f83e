"""Of what the bytes are like, only what blocks keeps a release from being submitted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.domain.complete import ASSETS, ATMOS, AUDIO, COMPLETE, track

from deadwax.domain.identifiers import Isrc
from deadwax.domain.media.measured import Fault
from deadwax.domain.rules import problems
from deadwax.domain.tracks import ImmersiveEdition


def told(sha256: str, **heard: Any) -> list[tuple[str, str]]:
    """Of a release with an immersive edition, one of whose files sounds otherwise."""
    edition = ImmersiveEdition(isrc=Isrc("GBAYE6999999"), audio=ATMOS)
    release = replace(COMPLETE, tracks=(track(1), track(2, immersive=edition)))
    facts = ASSETS[sha256]
    assert facts.analysis
    assert facts.analysis.audio
    analysis = replace(facts.analysis, audio=replace(facts.analysis.audio, **heard))
    changed = ASSETS | {sha256: replace(facts, analysis=analysis)}
    return [(problem.code, problem.field) for problem in problems(release, changed)]


def test_what_only_warns_stops_nothing() -> None:
    assert told(AUDIO) == []
    assert told(AUDIO, clipped_runs=3, leading_silence_s=5.0, dual_mono=True) == []


def test_what_blocks_is_told_of_each_track_that_has_the_file() -> None:
    assert told(AUDIO, trailing_silence_s=11.0) == [
        ("trailing_silence_long", "tracks[0].audio"),
        ("trailing_silence_long", "tracks[1].audio"),
    ]


def test_an_immersive_edition_of_another_length_is_told() -> None:
    assert told(ATMOS, frames=170 * 48_000) == [("atmos_length", "tracks[1].immersive.audio")]


@pytest.mark.parametrize("when", [None, 61.5])
def test_a_fault_is_told_with_the_file_and_the_time(when: float | None) -> None:
    facts = ASSETS[AUDIO]
    assert facts.analysis
    fault = Fault(code="truncated", message="It ends too soon.", at_s=when)
    broken = replace(facts, analysis=replace(facts.analysis, faults=(fault,)))
    first, *_ = problems(COMPLETE, ASSETS | {AUDIO: broken})
    time = "" if when is None else " at 1:01.5"
    assert (first.code, first.message) == ("truncated", f"file.audio{time}: It ends too soon.")
