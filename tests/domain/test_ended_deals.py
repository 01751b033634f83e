"""Deals that are to end: they end by then and nowhere last longer than they were to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.complete import DEAL

from deadwax.domain.deals import ended_by
from deadwax.domain.texts import Moment

DAYS = st.integers(1, 28).map(lambda day: f"2031-05-{day:02d}")
HOURS = st.integers(0, 23).map(lambda hour: f"T{hour:02d}:00:00")
MOMENTS = st.one_of(DAYS, st.tuples(DAYS, HOURS, st.sampled_from(["", "Z", "+09:00"])).map("".join))
MOMENTS = MOMENTS.map(Moment)
OFFSETS = [timedelta(hours=hours) for hours in (-12, -5, 0, 9, 14)]


def at(moment: Moment, offset: timedelta) -> datetime:
    """When it is, in a place with that offset from UTC."""
    value = datetime.fromisoformat(moment)
    return (value.replace(tzinfo=UTC) - offset) if value.tzinfo is None else value


@given(one=MOMENTS, other=st.none() | MOMENTS)
def test_the_earlier_of_two_moments_is_no_later_than_either_anywhere(
    one: Moment, other: Moment | None
) -> None:
    found = one.or_earlier(other)

    for offset in OFFSETS:
        assert at(found, offset) <= at(one, offset)
        assert other is None or at(found, offset) <= at(other, offset)
    if other is None or one.is_instant == other.is_instant:
        assert found in (one, other)


@given(start=MOMENTS, end=st.none() | MOMENTS, ends=MOMENTS)
def test_what_is_left_started_before_and_ends_by_then_everywhere(
    start: Moment, end: Moment | None, ends: Moment
) -> None:
    for deal in ended_by([replace(DEAL, start=start, end=end)], ends):
        assert deal.start == start
        assert deal.end is not None
        assert all(at(start, offset) < at(ends, offset) for offset in OFFSETS)
        assert all(at(deal.end, offset) <= at(ends, offset) for offset in OFFSETS)


@pytest.mark.parametrize(
    ("end", "ends", "left"),
    [
        (None, "2031-06-01", "2031-06-01"),
        ("2031-07-01", "2031-06-01", "2031-06-01"),
        ("2031-05-20", "2031-06-01", "2031-05-20"),
        ("2031-06-01", "2031-06-01T00:00:00Z", "2031-05-31T10:00:00Z"),
        (None, "2031-05-01", None),
        (None, "2031-04-01", None),
    ],
)
def test_a_deal_ends_by_then(end: str | None, ends: str, left: str | None) -> None:
    deal = replace(DEAL, end=end and Moment(end))

    assert [deal.end for deal in ended_by([deal], Moment(ends))] == ([left] if left else [])
