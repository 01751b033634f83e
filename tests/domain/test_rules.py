"""What keeps a release from being submitted: one thing wrong, one problem named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.assets import AssetFacts, AudioFacts, ImageFacts
from deadwax.domain.deals import Deal, RightsHeld
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Icpn, Isrc, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist
from deadwax.domain.rules import problems
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
STREAM, SELL = CommercialModel.SUBSCRIPTION, CommercialModel.PAY_AS_YOU_GO
ON_DEMAND, DOWNLOAD = UseType.ON_DEMAND_STREAM, UseType.PERMANENT_DOWNLOAD
DAY = date(2031, 5, 1)
LABEL = Name("Analog Revival")
ARTISTS = (
    Artist(name=Name("Ada"), role=ArtistRole.MAIN),
    Artist(name=Name("Grace"), role=ArtistRole.FEATURED),
)
LINE = RightsLine(year=2031, text=LABEL)


def places(*codes: str) -> Territories:
    return Territories(included=tuple(Territory(code) for code in codes))


def facts(sha256: str, kind: AssetKind) -> AssetFacts:
    audio = AudioFacts(
        container="WAV",
        codec="PCM",
        channels=2,
        sampling_rate=44_100,
        bits_per_sample=16,
        duration_ms=180_000,
    )
    image = ImageFacts(codec="JPEG", width=3000, height=3000)
    return AssetFacts(
        sha256=sha256,
        md5="0" * 32,
        size=1000,
        filename=f"file.{kind}",
        kind=kind,
        audio=audio if kind is AssetKind.AUDIO else None,
        image=image if kind is AssetKind.IMAGE else None,
    )


ASSETS: dict[str, AssetFacts] = {
    COVER: facts(COVER, AssetKind.IMAGE),
    AUDIO: facts(AUDIO, AssetKind.AUDIO),
}


def track(at: int, **changes: Any) -> Track:
    complete = Track(
        number=at,
        isrc=Isrc(f"GBAYE69{at:05d}"),
        title=Name(f"Track {at}"),
        artists=ARTISTS,
        genre=Name("Rock"),
        language=Language("en"),
        instrumental=False,
        parental_warning=ParentalWarning.NOT_EXPLICIT,
        p_line=LINE,
        preview_start=30,
        audio=AUDIO,
    )
    return replace(complete, **changes)


DEAL = Deal(
    territories=places("DE", "FR"), models=(STREAM,), uses=(ON_DEMAND,), start=Moment.on(DAY)
)
COMPLETE = ReleaseMetadata(
    title=Name("Groove"),
    type=ReleaseType.EP,
    label=LABEL,
    icpn=Icpn("5901234123457"),
    artists=ARTISTS,
    genre=Name("Rock"),
    language=Language("en"),
    p_line=LINE,
    c_line=LINE,
    release_date=DAY,
    original_release_date=DAY,
    parental_warning=ParentalWarning.NOT_EXPLICIT,
    cover=COVER,
    tracks=(track(1), track(2)),
    rights=(RightsHeld(territories=places("Worldwide")),),
    deals=(DEAL,),
)


def found(release: ReleaseMetadata) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems(release, ASSETS)]


def with_track(**changes: Any) -> ReleaseMetadata:
    return replace(COMPLETE, tracks=(track(1), track(2, **changes)))


def with_deal(**changes: Any) -> ReleaseMetadata:
    return replace(COMPLETE, deals=(replace(DEAL, **changes),))


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
    ["isrc", "title", "language", "instrumental", "parental_warning", "p_line", "genre", "audio"],
)
def test_a_track_names_what_it_lacks(field: str) -> None:
    [problem] = problems(with_track(**{field: None}), ASSETS)

    assert (problem.code, problem.field) == (f"{field}_missing", f"tracks[1].{field}")
    assert problem.fix


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
        (with_track(number=3), "track_sequence", "tracks"),
        (replace(COMPLETE, tracks=(track(2),)), "track_sequence", "tracks"),
        (with_track(number=1, disc=3), "disc_sequence", "tracks"),
        (with_track(audio=Sha256("b" * 64)), "asset_unknown", "tracks[1].audio"),
        (with_track(audio=COVER), "asset_kind", "tracks[1].audio"),
        (replace(COMPLETE, cover=Sha256("b" * 64)), "asset_unknown", "cover"),
        (replace(COMPLETE, cover=AUDIO), "asset_kind", "cover"),
        (with_track(preview_start=180), "preview_after_end", "tracks[1].preview_start"),
        (
            replace(COMPLETE, original_release_date=DAY + timedelta(days=1)),
            "original_after_release",
            "original_release_date",
        ),
        (replace(COMPLETE, deals=()), "deals_missing", "deals"),
        (replace(COMPLETE, rights=()), "rights_missing", "rights"),
        (with_deal(models=()), "deal_empty", "deals[0]"),
        (with_deal(uses=()), "deal_empty", "deals[0]"),
        (with_deal(end=DAY), "deal_period", "deals[0].end"),
        (with_deal(pre_order_from=DAY), "pre_order_period", "deals[0].pre_order_from"),
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
        pytest.param(with_deal(end=DAY + timedelta(days=1)), id="a deal of one day"),
        pytest.param(with_deal(pre_order_from=DAY - timedelta(days=1)), id="a pre-order"),
        pytest.param(replace(COMPLETE, type=ReleaseType.SINGLE), id="a single with a B side"),
        pytest.param(
            replace(COMPLETE, original_release_date=DAY - timedelta(days=9999)), id="a reissue"
        ),
    ],
)
def test_what_is_unusual_but_right_is_no_problem(release: ReleaseMetadata) -> None:
    assert found(release) == []


# -- deals never exceed the rights


def held(**changes: Any) -> RightsHeld:
    return replace(RightsHeld(territories=places("Worldwide")), **changes)


@pytest.mark.parametrize(
    "rights",
    [
        pytest.param((held(territories=places("DE")),), id="too few countries"),
        pytest.param((held(models=(SELL,)),), id="another model"),
        pytest.param((held(uses=(DOWNLOAD,)),), id="another use"),
        pytest.param((held(start=DAY + timedelta(days=1)),), id="from too late"),
        pytest.param((held(end=DAY + timedelta(days=999)),), id="not for ever"),
        pytest.param(
            (held(territories=places("DE"), models=(SELL,)), held(territories=places("FR"))),
            id="one country for another model only",
        ),
        pytest.param(
            (held(end=DAY + timedelta(days=9)), held(start=DAY + timedelta(days=9))),
            id="no single right throughout",
        ),
    ],
)
def test_a_deal_beyond_the_rights_is_named(rights: tuple[RightsHeld, ...]) -> None:
    [problem] = problems(replace(COMPLETE, rights=rights), ASSETS)

    assert (problem.code, problem.field) == ("deal_exceeds_rights", "deals[0]")
    assert f"{STREAM} / {ON_DEMAND}" in problem.message


@pytest.mark.parametrize(
    "rights",
    [
        pytest.param((held(territories=places("DE", "FR", "IT")),), id="more than is dealt"),
        pytest.param((held(models=(STREAM, SELL), uses=(ON_DEMAND,)),), id="named"),
        pytest.param((held(start=DAY),), id="from the first day"),
        pytest.param(
            (held(territories=places("DE")), held(territories=places("FR"), start=DAY)),
            id="country by country",
        ),
    ],
)
def test_a_deal_within_the_rights_is_no_problem(rights: tuple[RightsHeld, ...]) -> None:
    assert found(replace(COMPLETE, rights=rights)) == []


def test_a_pre_order_needs_the_rights_from_its_own_start() -> None:
    release = replace(
        with_deal(pre_order_from=Moment.on(DAY - timedelta(days=7))), rights=(held(start=DAY),)
    )

    assert found(release) == [("deal_exceeds_rights", "deals[0]")]


def test_the_missing_countries_are_named() -> None:
    release = replace(COMPLETE, rights=(held(territories=places("DE")),))
    [problem] = problems(release, ASSETS)

    assert "1 countries" in problem.message
    assert "(FR)" in problem.message


CODES = ("DE", "FR", "IT", "JP")
SOME_PLACES = st.one_of(
    st.just(places("Worldwide")),
    st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(lambda codes: places(*codes)),
    st.lists(st.sampled_from(CODES), min_size=1, unique=True).map(
        lambda codes: Territories(excluded=tuple(Territory(code) for code in codes))
    ),
)
DAYS = st.integers(0, 6).map(lambda n: DAY + timedelta(days=n))
MOMENTS = DAYS.map(Moment.on)


def some(*values: str, least: int = 0) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=2, unique=True).map(tuple)


RIGHTS = st.lists(
    st.builds(
        RightsHeld,
        territories=SOME_PLACES,
        start=st.none() | DAYS,
        end=st.none() | DAYS,
        models=some(STREAM, SELL),
        uses=some(ON_DEMAND, DOWNLOAD),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
DEALS = st.builds(
    Deal,
    territories=SOME_PLACES,
    models=some(STREAM, SELL, least=1),
    uses=some(ON_DEMAND, DOWNLOAD, least=1),
    start=MOMENTS,
    end=st.none() | MOMENTS,
).filter(lambda deal: deal.end is None or deal.end > deal.start)


@given(deal=DEALS, rights=RIGHTS)
def test_deals_are_taken_where_a_right_holds_for_each_country_model_use_and_day(
    deal: Deal, rights: tuple[RightsHeld, ...]
) -> None:
    taken = "deal_exceeds_rights" not in [
        code for code, _ in found(replace(COMPLETE, deals=(deal,), rights=rights))
    ]

    lasting = [right for right in rights if _lasts(right, deal)]
    assert taken == all(
        any(
            country in right.territories.countries()
            and (not right.models or model in right.models)
            and (not right.uses or use in right.uses)
            for right in lasting
        )
        for country in deal.territories.countries()
        for model in deal.models
        for use in deal.uses
    )


def _lasts(right: RightsHeld, deal: Deal) -> bool:
    """Day by day; who deals without an end is asked about a year of days."""
    start = deal.start.day
    end = deal.end.day if deal.end else start + timedelta(days=365)
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    return all((right.start or date.min) <= day < (right.end or date.max) for day in days)


def test_problems_read_as_sentences() -> None:
    problem = Problem("isrc_missing", "tracks[3].isrc", "isrc is missing.", "Give the ISRC.")

    assert str(problem) == "tracks[3].isrc: isrc is missing."
