"""Deals keep their order in every territory and do not contradict each other."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from tests.domain.complete import ASSETS, COMPLETE, DEAL, STREAM, places, track

from deadwax.domain.deals import Deal, InstantGratification, Price, RightsHeld, Visibility
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.rules import problems
from deadwax.domain.territories import COUNTRIES, Territories, Territory
from deadwax.domain.texts import Currency, Moment, Name
from deadwax.domain.vocabulary import ClaimPolicy, CommercialModel, UseType

ONE, TWO, THREE = (Isrc(f"GBAYE6900{n:03d}") for n in (1, 2, 3))
SPOTIFY, APPLE = Dpid("PADPIDA2011072101T"), Dpid("PADPIDA2007050901U")
SELL, CLAIM = CommercialModel.PAY_AS_YOU_GO, CommercialModel.RIGHTS_CLAIM
DOWNLOAD, UPLOADED = UseType.PERMANENT_DOWNLOAD, UseType.USER_MADE_USER_PROVIDED
EUROS, YEN = (
    Price(amount=Decimal("5.49"), currency=Currency("EUR")),
    Price(amount=Decimal("900"), currency=Currency("JPY")),
)


def deal(start: str = "2031-05-01", **changes: Any) -> Deal:
    return replace(DEAL, **{"start": Moment(start), **_moments(changes)})


def sale(start: str = "2031-05-01", **changes: Any) -> Deal:
    return deal(start, **{"models": (SELL,), "uses": (DOWNLOAD,), **changes})


def _moments(changes: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Moment(value) if name in ("end", "pre_order_from") else value
        for name, value in changes.items()
    }


def pre_order(start: str, isrc: Isrc = ONE) -> Deal:
    early = InstantGratification(isrc=isrc, start=Moment(start))
    return sale(pre_order_from="2031-04-03", instant_gratification=(early,))


def claim(**changes: Any) -> Deal:
    fields = {"models": (CLAIM,), "uses": (UPLOADED,), "claim_policy": ClaimPolicy.MONETIZE}
    return deal(**{**fields, **changes})


def channel(name: str) -> ProprietaryId:
    return ProprietaryId(namespace=Name(SPOTIFY), value=Name(name))


def seen(**dates: str) -> Visibility:
    return Visibility(**{name: Moment(date) for name, date in dates.items()})


def release(*deals: Deal, **more: Any) -> ReleaseMetadata:
    return replace(COMPLETE, deals=deals, **more)


def found(release: ReleaseMetadata) -> list[tuple[str, str]]:
    return [(problem.code, problem.field) for problem in problems(release, ASSETS)]


WORLD = places("Worldwide")
NOWHERE = Territories(excluded=tuple(map(Territory, sorted(COUNTRIES))))


@pytest.mark.parametrize(
    ("deals", "code", "field"),
    [
        ([deal(models=())], "deal_empty", ""),
        ([deal(uses=())], "deal_empty", ""),
        ([deal(territories=NOWHERE)], "deal_empty", ""),
        ([deal(models=(STREAM, STREAM))], "deal_names_twice", ".models"),
        ([deal(recipients=(SPOTIFY, SPOTIFY))], "deal_names_twice", ".recipients"),
        ([deal(end="2031-05-01")], "deal_period", ".end"),
        ([deal(end="2031-04-30")], "deal_period", ".end"),
        ([deal(end="2031-05-01T12:00:00Z")], "deal_period", ".end"),
        ([deal("2031-05-01T12:00:00Z", end="2031-05-02")], "deal_period", ".end"),
        ([sale(pre_order_from="2031-05-01")], "pre_order_period", ".pre_order_from"),
        ([sale(pre_order_from="2031-05-02")], "pre_order_period", ".pre_order_from"),
        ([deal(pre_order_from="2031-04-01")], "pre_order_without_sale", ".pre_order_from"),
        (
            [sale(uses=(UseType.STREAM,), pre_order_from="2031-04-01")],
            "pre_order_without_sale",
            ".pre_order_from",
        ),
        ([sale(pre_order_price=EUROS)], "pre_order_missing", ".pre_order_price"),
        (
            [replace(pre_order("2031-04-03"), pre_order_from=None)],
            "pre_order_missing",
            ".instant_gratification",
        ),
        (
            [pre_order("2031-04-02")],
            "instant_gratification_period",
            ".instant_gratification[0].start",
        ),
        (
            [pre_order("2031-05-01")],
            "instant_gratification_period",
            ".instant_gratification[0].start",
        ),
        (
            [pre_order("2031-04-03T00:00:00Z")],
            "instant_gratification_period",
            ".instant_gratification[0].start",
        ),
        ([pre_order("2031-04-10", THREE)], "deal_track_unknown", ".instant_gratification[0].isrc"),
        (
            [replace(pre_order("2031-04-10"), tracks=(TWO,))],
            "deal_track_unknown",
            ".instant_gratification[0].isrc",
        ),
        ([deal(tracks=(ONE, THREE))], "deal_track_unknown", ".tracks[1]"),
        ([claim(claim_policy=None)], "claim_policy_missing", ".claim_policy"),
        ([deal(claim_policy=ClaimPolicy.MONETIZE)], "claim_policy_without_claim", ".claim_policy"),
        ([claim(models=(CLAIM, STREAM))], "claim_not_alone", ".models"),
        ([sale(price=replace(EUROS, tier=Name("MID")))], "price_twice", ".price"),
        (
            [deal(promotional=False, promotional_code=Name("X"))],
            "promotional_code_contradicts",
            ".promotional_code",
        ),
    ],
)
def test_what_is_wrong_with_one_deal_is_named(deals: list[Deal], code: str, field: str) -> None:
    assert found(release(*deals)) == [(code, "deals[0]" + field)]


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(deal(end="2031-05-02"), id="one day"),
        pytest.param(deal("2031-05-01T09:00:00", end="2031-05-01T17:00:00"), id="a few hours"),
        pytest.param(
            deal("2031-05-01T09:00:00Z", end="2031-05-01T11:00:00+01:00"),
            id="instants of two zones",
        ),
        pytest.param(deal("2031-05-01T00:00:00Z", end="2031-05-03"), id="an instant and a far day"),
        pytest.param(sale(pre_order_from="2031-04-30"), id="a pre-order"),
        pytest.param(pre_order("2031-04-03"), id="given when it is ordered"),
        pytest.param(pre_order("2031-04-30"), id="given a day before"),
        pytest.param(
            sale(pre_order_from="2031-04-03", pre_order_price=EUROS), id="a price of its own"
        ),
        pytest.param(deal(tracks=(TWO,)), id="for a track"),
        pytest.param(claim(), id="a claim"),
        pytest.param(deal(promotional_code=Name("SUMMER")), id="a code says it is a promotion"),
        pytest.param(deal(recipients=(SPOTIFY, APPLE)), id="for two platforms"),
    ],
)
def test_what_is_unusual_but_right_is_no_problem(one: Deal) -> None:
    assert found(release(one)) == []


# -- deals beside each other


@pytest.mark.parametrize(
    ("one", "other", "code"),
    [
        (sale(price=EUROS), sale(price=YEN), "deals_contradict"),
        (sale(price=EUROS), sale("2031-06-01"), "deals_contradict"),
        (sale(price=EUROS, end="2031-06-02"), sale("2031-06-01", price=YEN), "deals_contradict"),
        (sale(price=EUROS, tracks=(ONE, TWO)), sale(price=YEN, tracks=(TWO,)), "deals_contradict"),
        (deal(promotional=True), deal(), "deals_contradict"),
        (claim(), claim(claim_policy=ClaimPolicy.BLOCK_ACCESS), "deals_contradict"),
        (
            sale(price=EUROS, end="2031-06-01T00:00:00Z"),
            sale("2031-06-01", price=YEN),
            "deals_contradict",
        ),
        (
            sale(pre_order_from="2031-04-01", price=EUROS, end="2031-06-01"),
            sale("2031-06-01", pre_order_from="2031-04-10", price=YEN),
            ["deals_contradict", "pre_order_while_on_sale"],
        ),
        (sale(), sale("2031-05-08", pre_order_from="2031-05-02"), "pre_order_while_on_sale"),
    ],
)
def test_deals_that_say_different_things_of_the_same_are_refused(
    one: Deal, other: Deal, code: str | list[str]
) -> None:
    codes = [code] if isinstance(code, str) else code

    assert found(release(one, other)) == [(code, "deals[1]") for code in codes]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(deal("2031-05-29"), sale(price=EUROS), id="streaming later than download"),
        pytest.param(
            sale(price=EUROS, end="2031-06-01"), sale("2031-06-01", price=YEN), id="windows touch"
        ),
        pytest.param(sale(price=EUROS), sale(price=YEN, territories=places("JP")), id="elsewhere"),
        pytest.param(
            sale(price=EUROS, recipients=(SPOTIFY,)),
            sale(price=YEN, recipients=(APPLE,)),
            id="another platform",
        ),
        pytest.param(
            sale(price=EUROS, channels=(channel("kiosk"),)),
            sale(price=YEN, channels=(channel("web"),)),
            id="another channel",
        ),
        pytest.param(sale(price=EUROS), sale(price=YEN, tracks=(ONE,)), id="a track by itself"),
        pytest.param(
            sale(price=EUROS, tracks=(ONE,)), sale(price=YEN, tracks=(TWO,)), id="another track"
        ),
        pytest.param(deal(), deal("2031-04-01", tracks=(ONE,)), id="an early track"),
        pytest.param(deal(), deal(), id="the same twice"),
        pytest.param(
            sale(pre_order_from="2031-04-01", end="2031-06-01"),
            sale("2031-06-01"),
            id="a sale that goes on",
        ),
        pytest.param(
            sale(pre_order_from="2031-04-01"),
            deal("2031-04-10"),
            id="streaming while it can be pre-ordered",
        ),
    ],
)
def test_deals_that_go_together_are_no_problem(one: Deal, other: Deal) -> None:
    assert found(release(one, other)) == []
    assert found(release(other, one)) == []


def test_a_pre_order_of_what_is_sold_already_is_named_at_the_pre_order() -> None:
    late = release(sale("2031-05-08", pre_order_from="2031-05-02"), sale())

    assert found(late) == [("pre_order_while_on_sale", "deals[0]")]


# -- rights, visibility, tracks


def test_a_right_that_ends_before_it_starts_is_refused() -> None:
    wrong = RightsHeld(territories=places("IT"), start=DEAL.start.day, end=DEAL.start.day)

    assert found(replace(COMPLETE, rights=(*COMPLETE.rights, wrong))) == [
        ("right_period", "rights[1].end")
    ]


def test_rights_for_a_track_name_one_that_exists() -> None:
    wrong = RightsHeld(territories=places("IT"), tracks=(THREE,))

    assert found(replace(COMPLETE, rights=(*COMPLETE.rights, wrong))) == [
        ("deal_track_unknown", "rights[1].tracks[0]")
    ]


@pytest.mark.parametrize(
    ("visibility", "field"),
    [
        (seen(release="2031-04-11"), "release"),
        (seen(cover="2031-05-02"), "cover"),
        (seen(track_list="2031-05-02"), "track_list"),
        (seen(clips="2031-05-01T00:00:00Z"), "clips"),
    ],
)
def test_nothing_is_shown_later_than_it_is_offered(visibility: Visibility, field: str) -> None:
    offered = release(sale(pre_order_from="2031-04-10"), visibility=(visibility,))

    assert found(offered) == [("visible_too_late", f"visibility[0].{field}")]


@pytest.mark.parametrize(
    "visibility",
    [
        seen(release="2031-04-10", cover="2031-05-01", track_list="2031-04-20"),
        replace(seen(release="2031-06-01"), territories=places("JP")),
    ],
)
def test_what_is_shown_in_time_or_where_nothing_is_offered_is_no_problem(
    visibility: Visibility,
) -> None:
    assert found(release(sale(pre_order_from="2031-04-10"), visibility=(visibility,))) == []


@pytest.mark.parametrize(
    ("one", "other"), [(None, None), (places("DE", "FR"), places("FR")), (places("DE"), WORLD)]
)
def test_a_territory_has_one_visibility(one: Territories | None, other: Territories | None) -> None:
    both = tuple(replace(seen(cover="2031-04-01"), territories=where) for where in (one, other))

    assert found(release(deal(), visibility=both)) == [
        ("visible_twice", "visibility[1].territories")
    ]


def test_a_visibility_without_territories_is_for_the_rest() -> None:
    both = (seen(cover="2031-04-01"), replace(seen(cover="2031-04-02"), territories=places("DE")))

    assert found(release(deal(), visibility=both)) == []


def test_an_incentive_to_pre_order_needs_a_pre_order() -> None:
    tracks = (track(1), track(2, pre_order_incentive=True))

    assert found(release(sale(), tracks=tracks)) == [
        ("incentive_without_pre_order", "tracks[1].pre_order_incentive")
    ]
    assert found(release(sale(pre_order_from="2031-04-10"), tracks=tracks)) == []


def test_problems_of_deals_say_what_to_do() -> None:
    wrong = release(deal(end="2031-04-01", claim_policy=ClaimPolicy.MONETIZE), sale(price=EUROS))
    said: list[Problem] = problems(wrong, ASSETS)

    assert [problem.code for problem in said] == ["deal_period", "claim_policy_without_claim"]
    assert all(problem.message and problem.fix for problem in said)
