"""Deals never exceed the rights, and the proof says which right covers what and when."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.complete import (
    ASSETS,
    COMPLETE,
    DAY,
    DEAL,
    ON_DEMAND,
    SELL,
    STREAM,
    places,
    with_deal,
)

from deadwax.domain.deals import Deal, RightsHeld, ended_by
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.rights_proof import Cover, Covered, RightsProof, prove
from deadwax.domain.rules import problems
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Moment
from deadwax.domain.vocabulary import UseType

DOWNLOAD = UseType.PERMANENT_DOWNLOAD
ISRCS = tuple(Isrc(f"GBAYE6900{n:03d}") for n in (1, 2, 3))
SPOTIFY, APPLE = Dpid("PADPIDA2011072101T"), Dpid("PADPIDA2007050901U")


def held(**changes: Any) -> RightsHeld:
    return replace(RightsHeld(territories=places("Worldwide")), **changes)


def beyond(release: ReleaseMetadata) -> list[Problem]:
    return [p for p in problems(release, ASSETS) if p.code == "deal_exceeds_rights"]


@pytest.mark.parametrize(
    ("rights", "said"),
    [
        ((held(territories=places("DE")),), "in 1 countries (FR) from 2031-05-01."),
        ((held(models=(SELL,)),), "in 2 countries (DE, FR) from 2031-05-01."),
        ((held(uses=(DOWNLOAD,)),), "in 2 countries (DE, FR) from 2031-05-01."),
        (
            (held(start=DAY + timedelta(days=1)),),
            "in 2 countries (DE, FR) from 2031-05-01 until 2031-05-02.",
        ),
        ((held(end=DAY + timedelta(days=30)),), "in 2 countries (DE, FR) from 2031-05-31."),
        (
            (held(territories=places("DE"), models=(SELL,)), held(territories=places("FR"))),
            "in 1 countries (DE) from 2031-05-01.",
        ),
        (
            (held(end=DAY + timedelta(days=9)), held(start=DAY + timedelta(days=12))),
            "in 2 countries (DE, FR) from 2031-05-10 until 2031-05-13.",
        ),
        (
            (held(tracks=ISRCS[:1]),),
            "of GBAYE6900002 is offered without the right in 2 countries (DE, FR)",
        ),
    ],
)
def test_what_no_right_covers_is_named_with_countries_and_period(
    rights: tuple[RightsHeld, ...], said: str
) -> None:
    [problem] = beyond(replace(COMPLETE, rights=rights))

    assert problem.field == "deals[0]"
    assert problem.message.startswith(f"{STREAM} / {ON_DEMAND} ")
    assert said in problem.message


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
        pytest.param(
            (held(end=DAY + timedelta(days=9)), held(start=DAY + timedelta(days=9))),
            id="one after the other",
        ),
        pytest.param((held(tracks=ISRCS[:1]), held(tracks=ISRCS[1:2])), id="track by track"),
    ],
)
def test_a_deal_within_the_rights_is_no_problem(rights: tuple[RightsHeld, ...]) -> None:
    assert beyond(replace(COMPLETE, rights=rights)) == []


def test_a_pre_order_needs_the_rights_from_its_own_start() -> None:
    early = Moment.on(DAY - timedelta(days=7))
    sale = with_deal(pre_order_from=early, models=(SELL,), uses=(DOWNLOAD,))
    [problem] = beyond(replace(sale, rights=(held(start=DAY),)))

    assert "from 2031-04-24 until 2031-05-01" in problem.message


def test_an_instant_needs_the_right_in_every_zone() -> None:
    deal = replace(DEAL, start=Moment("2031-05-01T06:00:00Z"))

    assert not prove([deal], [held(start=DAY)], ISRCS).holds
    assert prove([deal], [held(start=DAY - timedelta(days=1))], ISRCS).holds


def test_the_proof_names_each_right_and_until_when_it_counts() -> None:
    third = DAY + timedelta(days=8)
    rights = (held(territories=places("DE"), end=third), held(start=DAY - timedelta(days=99)))
    proof = prove([DEAL], [rights[0], replace(rights[1], start=third)], ISRCS[:2])
    also = prove([DEAL], rights, ISRCS[:2])

    assert not proof.holds
    assert [(line.territories.countries(), line.by) for line in proof.covered] == [
        ({"DE"}, (Cover(right=0, until=Moment("2031-05-09")), Cover(right=1)))
    ]
    assert [(gap.territories.countries(), gap.start, gap.end) for gap in proof.uncovered] == [
        ({"FR"}, "2031-05-01", "2031-05-09")
    ]
    assert [(line.territories.countries(), line.by) for line in also.covered] == [
        ({"DE", "FR"}, (Cover(right=1),))
    ]


def test_only_the_deals_of_the_recipient_count() -> None:
    mine, theirs = replace(DEAL, recipients=(SPOTIFY,)), replace(DEAL, recipients=(APPLE,))
    rights = [held(territories=places("IT"))]

    assert {part.deal for part in prove([mine, theirs], rights, ISRCS, SPOTIFY).uncovered} == {0}
    assert {part.deal for part in prove([mine, theirs], rights, ISRCS).uncovered} == {0, 1}
    assert {part.deal for part in prove([DEAL, theirs], rights, ISRCS, SPOTIFY).uncovered} == {0}


def test_the_proof_of_an_album_with_fifty_worldwide_deals_is_small() -> None:
    world = replace(DEAL, territories=places("Worldwide"), models=(STREAM, SELL))
    deals = [replace(world, start=Moment.on(DAY + timedelta(days=n))) for n in range(50)]
    many = [Isrc(f"GBAYE69{n:05d}") for n in range(1000)]
    proof = prove(deals, [held()], many)

    assert proof.holds
    assert len(proof.covered) == 50
    assert len(json.dumps(to_plain(proof))) < 12_000


# -- against a slow oracle that asks every day, country, model, use and track

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
FOREVER = DAY + timedelta(days=40)
ASKED = (*CODES, "US")
"""The world, as far as the places above can tell it apart."""


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
        tracks=some(*ISRCS),
    ),
    min_size=1,
    max_size=4,
)
DEALS = st.lists(
    st.builds(
        Deal,
        territories=SOME_PLACES,
        models=some(STREAM, SELL, least=1),
        uses=some(ON_DEMAND, DOWNLOAD, least=1),
        start=MOMENTS,
        end=st.none() | MOMENTS,
        pre_order_from=st.none() | MOMENTS,
        tracks=some(*ISRCS),
        recipients=st.sampled_from([(), (SPOTIFY,), (APPLE,)]),
    ).filter(
        lambda d: (
            (d.end is None or d.end > d.start)
            and (d.pre_order_from is None or d.pre_order_from < d.start)
        )
    ),
    min_size=1,
    max_size=3,
)
Cell = tuple[int, str, str, str, str, date]


def cells(at: int, deal: Deal, tracks: tuple[Isrc, ...]) -> set[Cell]:
    """Everything that a deal offers, day by day; one without an end up to FOREVER."""
    start = deal.opens.day
    end = deal.end.day if deal.end else FOREVER
    return {
        (at, model, use, country, isrc, start + timedelta(days=n))
        for model in deal.models
        for use in deal.uses
        for country in deal.territories.countries().intersection(ASKED)
        for isrc in deal.tracks or tracks
        for n in range((end - start).days)
    }


def allows(right: RightsHeld, cell: Cell) -> bool:
    _, model, use, country, isrc, day = cell
    return (
        (not right.models or model in right.models)
        and (not right.uses or use in right.uses)
        and (not right.tracks or isrc in right.tracks)
        and country in right.territories.countries()
        and (right.start or date.min) <= day < (right.end or date.max)
    )


def told(proof: RightsProof, deals: list[Deal]) -> tuple[dict[Cell, int], set[Cell]]:
    """What the proof says of each cell: the right that covers it, or that none does."""
    covered: dict[Cell, int] = {}
    for line in proof.covered:
        for right, start, end in _stretches(line):
            for cell in cells(line.deal, _as_deal(line), _tracks(line, deals)):
                if start <= cell[-1] < end:
                    assert cell not in covered, "a cell is covered by two lines"
                    covered[cell] = right
    gaps: set[Cell] = set()
    for part in proof.uncovered:
        gaps |= cells(part.deal, _as_deal(part), _tracks(part, deals))
    return covered, gaps


def _stretches(line: Covered) -> list[tuple[int, date, date]]:
    ends = [cover.until.day if cover.until else FOREVER for cover in line.by]
    starts = [line.start.day, *ends[:-1]]
    assert all(a < b for a, b in pairwise([line.start.day, *ends]))
    return [(c.right, a, b) for c, a, b in zip(line.by, starts, ends, strict=True)]


def _as_deal(part: Any) -> Deal:
    return Deal(
        territories=part.territories,
        models=part.models,
        uses=part.uses,
        start=part.start,
        end=part.end,
    )


def _tracks(part: Any, deals: list[Deal]) -> tuple[Isrc, ...]:
    return part.tracks or deals[part.deal].tracks or ISRCS


@given(
    deals=DEALS,
    rights=RIGHTS,
    recipient=st.sampled_from([None, SPOTIFY]),
    ends=st.none() | MOMENTS,
)
def test_the_proof_says_the_same_as_asking_for_every_day(
    deals: list[Deal], rights: list[RightsHeld], recipient: Dpid | None, ends: Moment | None
) -> None:
    proof = prove(deals, rights, ISRCS, recipient, ends)
    covered, gaps = told(proof, deals)

    expected = {
        cell
        for at, stated in enumerate(deals)
        if recipient is None or stated.is_for(recipient)
        for deal in ([stated] if ends is None else ended_by([stated], ends))
        for cell in cells(at, deal, ISRCS)
    }
    beyond = {cell for cell in expected if not any(allows(right, cell) for right in rights)}
    # Of a part with a gap only the gap is told.
    assert gaps == beyond
    assert covered.keys() <= expected - beyond
    assert all(allows(rights[right], cell) for cell, right in covered.items())
    assert proof.holds == (not beyond)
    assert not proof.holds or covered.keys() == expected


@given(deals=DEALS, rights=RIGHTS)
def test_a_proof_is_plain_data(deals: list[Deal], rights: list[RightsHeld]) -> None:
    proof = prove(deals, rights, ISRCS, SPOTIFY)
    assert from_plain(RightsProof, json.loads(json.dumps(to_plain(proof)))) == proof


@given(st.sets(st.sampled_from(sorted(COUNTRIES)), min_size=1))
def test_any_countries_can_be_named(countries: set[str]) -> None:
    assert Territories.naming(countries).countries() == countries
