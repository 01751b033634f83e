"""A release from draft to archive: what happened is stored, what is refused is not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from tests.domain.complete import facts

from deadwax.domain.aggregate import Event
from deadwax.domain.assets import AssetFacts
from deadwax.domain.deals import Deal, RightsHeld
from deadwax.domain.errors import IllegalTransition, Refused
from deadwax.domain.identifiers import Icpn, Isrc, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.plain import from_plain
from deadwax.domain.release import RELEASE_MOVES, Release
from deadwax.domain.release_events import ReleaseAmended, ReleaseDrafted, ReleaseStatus
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Language, Moment, Name
from deadwax.domain.tracks import RightsLine, Track
from deadwax.domain.vocabulary import (
    ArtistRole,
    AssetKind,
    CommercialModel,
    ParentalWarning,
    ReleaseType,
    UseType,
)

COVER, AUDIO = Sha256("c" * 64), Sha256("a" * 64)
ASSETS: dict[str, AssetFacts] = {
    sha256: facts(sha256, kind)
    for sha256, kind in ((COVER, AssetKind.IMAGE), (AUDIO, AssetKind.AUDIO))
}
WORLD = Territories(included=(Territory("Worldwide"),))
ARTISTS = (Artist(name=Name("Ada"), role=ArtistRole.MAIN),)
LINE = RightsLine(year=2031, text=Name("Analog Revival"))
DRAFT = ReleaseMetadata(title=Name("Groove"))
COMPLETE = ReleaseMetadata(
    title=Name("Groove"),
    type=ReleaseType.SINGLE,
    label=Name("Analog Revival"),
    icpn=Icpn("5901234123457"),
    artists=ARTISTS,
    genre=Name("Rock"),
    language=Language("en"),
    p_line=LINE,
    c_line=LINE,
    release_date=date(2031, 5, 1),
    original_release_date=date(2031, 5, 1),
    parental_warning=ParentalWarning.NOT_EXPLICIT,
    cover=COVER,
    tracks=(
        Track(
            number=1,
            isrc=Isrc("GBAYE6900001"),
            title=Name("Groove"),
            artists=ARTISTS,
            genre=Name("Rock"),
            language=Language("en"),
            instrumental=False,
            parental_warning=ParentalWarning.NOT_EXPLICIT,
            p_line=LINE,
            audio=AUDIO,
        ),
    ),
    rights=(RightsHeld(territories=WORLD),),
    deals=(
        Deal(
            territories=WORLD,
            models=(CommercialModel.SUBSCRIPTION,),
            uses=(UseType.ON_DEMAND_STREAM,),
            start=Moment("2031-05-01"),
        ),
    ),
)

Step = Callable[[Release], object]


def given(metadata: ReleaseMetadata, *steps: Step) -> Release:
    release = Release.draft(UUID(int=1), metadata)
    for step in steps:
        step(release)
    release.collect_events()
    return release


def then(release: Release) -> list[Any]:
    return list(release.collect_events())


def topics(release: Release) -> list[str]:
    return [event.TOPIC for event in then(release) if isinstance(event, Event)]


def submit(release: Release) -> None:
    release.submit(ASSETS)


def approve(release: Release) -> None:
    release.approve()


def archive(release: Release) -> None:
    release.archive("a duplicate")


def amend(metadata: ReleaseMetadata) -> Step:
    return lambda release: release.amend(metadata, ASSETS)


HISTORIES: dict[ReleaseStatus, tuple[Step, ...]] = {
    ReleaseStatus.DRAFT: (),
    ReleaseStatus.SUBMITTED: (submit,),
    ReleaseStatus.APPROVED: (submit, approve),
    ReleaseStatus.ARCHIVED: (archive,),
}
COMMANDS: dict[ReleaseStatus, Step] = {
    ReleaseStatus.SUBMITTED: submit,
    ReleaseStatus.APPROVED: approve,
    ReleaseStatus.ARCHIVED: archive,
}


def test_a_draft_keeps_what_it_was_given() -> None:
    release = Release.draft(UUID(int=1), DRAFT)

    [drafted] = then(release)
    assert isinstance(drafted, ReleaseDrafted)
    assert {name: value for name, value in drafted.metadata.items() if value != []} == {
        "title": "Groove"
    }
    assert from_plain(ReleaseMetadata, drafted.metadata) == DRAFT
    assert release.metadata == DRAFT
    assert release.tenant_id == UUID(int=7)


@pytest.mark.parametrize("now", list(ReleaseStatus))
@pytest.mark.parametrize("to", list(COMMANDS))
def test_a_release_moves_by_the_table_or_stores_nothing(
    now: ReleaseStatus, to: ReleaseStatus
) -> None:
    release = given(COMPLETE, *HISTORIES[now])
    assert release.status is now

    if to in RELEASE_MOVES[now]:
        COMMANDS[to](release)
        assert topics(release) == [f"release.{to}"]
        assert release.status is to
        return
    with pytest.raises(IllegalTransition) as refused:
        COMMANDS[to](release)
    assert refused.value.allowed == tuple(sorted(RELEASE_MOVES[now]))
    assert all(status in str(refused.value) for status in RELEASE_MOVES[now])
    assert topics(release) == []
    assert release.status is now


def test_an_incomplete_release_is_not_submitted_and_says_all_that_lacks() -> None:
    release = given(replace(COMPLETE, icpn=None, genre=None))

    with pytest.raises(Refused, match="not complete") as refused:
        release.submit(ASSETS)

    assert [p.code for p in refused.value.problems] == ["icpn_missing", "genre_missing"]
    assert topics(release) == []
    assert release.status is ReleaseStatus.DRAFT


def test_a_draft_may_become_less_complete() -> None:
    release = given(COMPLETE)
    release.amend(DRAFT, {})

    assert release.metadata == DRAFT


@pytest.mark.parametrize("now", [ReleaseStatus.SUBMITTED, ReleaseStatus.APPROVED])
def test_a_release_that_was_submitted_stays_complete(now: ReleaseStatus) -> None:
    release = given(COMPLETE, *HISTORIES[now])

    with pytest.raises(Refused) as refused:
        release.amend(replace(COMPLETE, cover=None), ASSETS)

    assert [p.field for p in refused.value.problems] == ["cover"]
    assert topics(release) == []
    assert release.metadata == COMPLETE


def test_an_archived_release_is_not_amended() -> None:
    with pytest.raises(IllegalTransition, match="archived cannot become amended"):
        given(COMPLETE, archive, amend(DRAFT))


def test_an_amendment_stores_what_changed_field_by_field() -> None:
    release = given(DRAFT)
    release.amend(replace(DRAFT, title=Name("Grooves"), genre=Name("Rock")), {})

    [amended] = then(release)
    assert isinstance(amended, ReleaseAmended)
    assert amended.changes == {
        "title": {"from": "Groove", "to": "Grooves"},
        "genre": {"from": None, "to": "Rock"},
    }


def test_an_amendment_that_takes_a_field_away_leaves_none_behind() -> None:
    release = given(replace(DRAFT, genre=Name("Rock")), amend(DRAFT))

    assert release.metadata == DRAFT
    assert "genre" not in release.document


def test_an_amendment_that_changes_nothing_stores_nothing() -> None:
    release = given(COMPLETE)
    release.amend(COMPLETE, ASSETS)

    assert topics(release) == []


def test_a_replay_gives_the_same_release() -> None:
    release = Release.draft(UUID(int=1), DRAFT)
    for step in (amend(COMPLETE), submit, amend(replace(COMPLETE, genre=Name("Jazz"))), approve):
        step(release)

    replayed: Any = None
    for event in then(release):
        replayed = event.mutate(replayed)

    assert vars(replayed) == vars(release)
    assert replayed.metadata.genre == "Jazz"
