"""Deals contradict each other exactly where somebody would be told two things of one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.complete import DAY, DEAL, places

from deadwax.domain.deal_windows import contradictions
from deadwax.domain.deals import Deal, Price
from deadwax.domain.identifiers import Dpid, Isrc
from deadwax.domain.texts import Currency, Moment
from deadwax.domain.vocabulary import CommercialModel, UseType

SALE, STREAMING = CommercialModel.PAY_AS_YOU_GO, CommercialModel.SUBSCRIPTION
DOWNLOAD, STREAM = UseType.PERMANENT_DOWNLOAD, UseType.STREAM
ISRCS = (Isrc("GBAYE6900001"), Isrc("GBAYE6900002"))
PLATFORMS = (Dpid("PADPIDA2011072101T"), Dpid("PADPIDA2007050901U"))
LAST = 9
"""A deal without an end is asked about up to this day."""

Cell = tuple[str, str, str, str, str, date]


def some(*values: object, least: int = 0) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, max_size=2, unique=True).map(tuple)


def _dates(numbers: tuple[int | None, int, int | None]) -> dict[str, Moment | None]:
    opens, start, end = (None if n is None else Moment.on(DAY + timedelta(n)) for n in numbers)
    return {"pre_order_from": opens, "start": start, "end": end}


PERIODS = st.tuples(
    st.none() | st.integers(0, 3), st.integers(1, 5), st.none() | st.integers(2, 7)
).filter(lambda t: (t[0] is None or t[0] < t[1]) and (t[2] is None or t[1] < t[2]))
PRICES = st.none() | st.sampled_from([1, 2]).map(
    lambda n: Price(amount=Decimal(n), currency=Currency("EUR"))
)
DEALS = st.builds(
    lambda period, **fields: replace(DEAL, **_dates(period), **fields),
    period=PERIODS,
    territories=st.sampled_from([places("DE"), places("FR", "DE"), places("FR")]),
    models=some(SALE, STREAMING, least=1),
    uses=some(DOWNLOAD, STREAM, least=1),
    price=PRICES,
    pre_order_price=PRICES,
    promotional=st.sampled_from([None, True]),
    tracks=some(*ISRCS),
    recipients=some(*PLATFORMS),
)


def cells(deal: Deal, first: Moment, last: Moment | None) -> Iterator[Cell]:
    """Everything that the deal says of each day: to whom, of what, where, how."""
    end = last.day if last else DAY + timedelta(LAST)
    for model in deal.models:
        for use in deal.uses:
            for country in deal.territories.countries():
                for isrc in deal.tracks or ("the release",):
                    for platform in deal.recipients or PLATFORMS:
                        for n in range((end - first.day).days):
                            day = first.day + timedelta(n)
                            yield model, use, country, isrc, platform, day


def sold(deal: Deal) -> dict[Cell, object]:
    return {
        cell: (deal.price if cell[0] == SALE else None, deal.promotional)
        for cell in cells(deal, deal.start, deal.end)
    }


def ordered(deal: Deal) -> dict[Cell, object]:
    if deal.pre_order_from is None:
        return {}
    return {
        cell: deal.pre_order_price or deal.price
        for cell in cells(deal, deal.pre_order_from, deal.start)
        if cell[:2] == (SALE, DOWNLOAD)
    }


def differ(one: dict[Cell, object], other: dict[Cell, object]) -> bool:
    return any(one[cell] != other[cell] for cell in one.keys() & other.keys())


@settings(max_examples=1000)
@given(one=DEALS, other=DEALS)
def test_two_deals_contradict_where_they_say_two_things(one: Deal, other: Deal) -> None:
    codes = {problem.code for problem in contradictions([one, other])}

    expected = set()
    if differ(sold(one), sold(other)) or differ(ordered(one), ordered(other)):
        expected.add("deals_contradict")
    if sold(one).keys() & ordered(other).keys() or sold(other).keys() & ordered(one).keys():
        expected.add("pre_order_while_on_sale")
    assert codes == expected


@given(deals=st.lists(DEALS, max_size=4))
def test_what_contradicts_does_not_depend_on_the_order(deals: list[Deal]) -> None:
    there = sorted(problem.code for problem in contradictions(deals))
    back = sorted(problem.code for problem in contradictions(deals[::-1]))

    assert there == back
