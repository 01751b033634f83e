"""Zones whose clocks do every strange thing, and the instants at which they do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",  # half past, and until 2011 changed at one minute past midnight
    "America/Havana",  # changes at midnight
    "America/Caracas",  # put back by half an hour in 2007
    "Africa/Casablanca",  # summer time is broken off each year
    "Antarctica/Troll",  # changes by two hours
    "Asia/Kathmandu",  # 5:45
    "Asia/Pyongyang",
    "Australia/Lord_Howe",  # changes by half an hour
    "Pacific/Apia",  # had no 30 December 2011
    "Pacific/Chatham",  # 12:45
)
BEGIN, END = datetime(2001, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """Every instant in those years at which the zone's clocks are changed, to the minute."""
    return tuple(_changes(ZoneInfo(zone)))


def _changes(zone: ZoneInfo) -> Iterator[datetime]:
    at, step = BEGIN, timedelta(days=1)
    while at < END:
        if _offset(at, zone) != _offset(at + step, zone):
            low, high = at, at + step
            while high - low > timedelta(minutes=1):
                middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
                low, high = (
                    (middle, high)
                    if _offset(middle, zone) == _offset(low, zone)
                    else (
                        low,
                        middle,
                    )
                )
            yield high
        at += step


def _offset(at: datetime, zone: ZoneInfo) -> timedelta | None:
    return at.astimezone(zone).utcoffset()


@st.composite
def near_a_change(draw: st.DrawFn, zone: str) -> datetime:
    """A whole minute of those years, most often within a day of a change of the clocks."""
    if changes(zone) and draw(st.integers(0, 3)):
        minutes = draw(st.integers(-180, 180) | st.integers(-1500, 1500))
        return draw(st.sampled_from(changes(zone))) + timedelta(minutes=minutes)
    return BEGIN + timedelta(minutes=draw(st.integers(0, 35 * 365 * 1440)))
