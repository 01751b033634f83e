"""Times that come again, against clocks that are looked at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.zones import ZONES, near_a_change

from deadwax.domain.errors import InvalidValue
from deadwax.domain.local_times import instant, instants
from deadwax.domain.recurrence import Every, Recurrence
from deadwax.domain.transfer_times import ClockTime, Weekday, Zone

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def recurring(every: str, at: str, zone: str = "Europe/Berlin", **more: Any) -> Recurrence:
    return Recurrence(every=Every(every), time=ClockTime(at), zone=Zone(zone), **more)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_on(r: Recurrence, day: date) -> bool:
    if r.weekdays:
        return [*Weekday][day.weekday()] in r.weekdays
    if r.day:
        is_last = (day + DAY).month != day.month
        return day.day == r.day or (is_last and day.day < r.day)
    return True


def walked(r: Recurrence, begin: datetime, days: int) -> list[datetime]:
    """Of each day on which it comes, the first minute at which clocks show its time or later."""
    zone = ZoneInfo(r.zone)
    first = begin.astimezone(zone).date() - 2 * DAY
    wanted = [first + n * DAY for n in range(days + 4)]
    waiting = [datetime.combine(d, time.fromisoformat(r.time)) for d in wanted if is_on(r, d)]
    found, minute = set(), begin - DAY
    while minute <= begin + days * DAY:
        shown = minute.astimezone(zone).replace(tzinfo=None)
        while waiting and shown >= waiting[0]:
            found.add(minute)
            waiting.pop(0)
        minute += MINUTE
    return sorted(minute for minute in found if minute > begin)


@st.composite
def recurrences(draw: st.DrawFn) -> tuple[Recurrence, datetime]:
    zone = draw(st.sampled_from(ZONES))
    now = draw(near_a_change(zone))
    minutes = draw(st.integers(-180, 180))
    shown = (now + minutes * MINUTE).astimezone(ZoneInfo(zone))
    clock = f"{shown:%H:%M}"
    every = draw(st.sampled_from(Every))
    if every is Every.WEEK:
        weekdays = draw(st.lists(st.sampled_from([*Weekday]), min_size=1, max_size=4))
        return recurring(every, clock, zone, weekdays=tuple(weekdays)), now
    day = draw(st.sampled_from([shown.day, 28, 29, 30, 31])) if every is Every.MONTH else None
    return recurring(every, clock, zone, day=day), now


@given(recurrences())
@settings(max_examples=150, deadline=None)
def test_it_comes_when_the_clocks_first_show_its_time_or_are_put_over_it(
    case: tuple[Recurrence, datetime],
) -> None:
    r, now = case

    assert r.between(now, now + 3 * DAY) == walked(r, now, 3)


@given(recurrences())
@settings(max_examples=100, deadline=None)
def test_times_only_ever_come_later(case: tuple[Recurrence, datetime]) -> None:
    r, begin = case
    now, times = begin, []
    for _ in range(15):
        following = r.after(now)
        assert following is not None
        times.append(following)
        now = following

    assert times == sorted(set(times))
    assert times[0] > begin
    assert r.between(begin, times[-1]) == times


@given(st.sampled_from(ZONES).flatmap(lambda z: st.tuples(st.just(z), near_a_change(z))))
@settings(max_examples=150, deadline=None)
def test_a_local_time_is_shown_never_once_or_twice_and_has_one_instant(
    case: tuple[str, datetime],
) -> None:
    name, near = case
    zone = ZoneInfo(name)
    local = near.astimezone(zone).replace(tzinfo=None) + 30 * MINUTE

    begin = local.replace(tzinfo=UTC) - timedelta(hours=15)
    minutes = [begin + n * MINUTE for n in range(30 * 60)]
    shows = [m for m in minutes if m.astimezone(zone).replace(tzinfo=None) == local]

    assert list(instants(local, zone)) == shows
    over = next(m for m in minutes if m.astimezone(zone).replace(tzinfo=None) >= local)
    assert instant(local, zone) == over


def test_the_31st_is_the_last_day_of_every_month() -> None:
    monthly = recurring("month", "09:00", "UTC", day=31)

    times = monthly.between(at("2028-01-01T00:00"), at("2028-06-30T23:59"))

    assert [t.day for t in times] == [31, 29, 31, 30, 31, 30]


def test_the_29th_of_february_is_the_28th_where_there_is_none() -> None:
    monthly = recurring("month", "09:00", "UTC", day=29)

    times = monthly.between(at("2026-02-01T00:00"), at("2026-03-30T00:00"))

    assert times == [at("2026-02-28T09:00"), at("2026-03-29T09:00")]


def test_where_clocks_are_put_over_its_time_it_comes_when_they_are() -> None:
    daily = recurring("day", "02:30")

    assert daily.after(at("2026-03-28T12:00")) == at("2026-03-29T01:00")
    assert daily.after(at("2026-03-29T01:00")) == at("2026-03-30T00:30")


def test_where_clocks_show_its_time_twice_it_comes_once() -> None:
    daily = recurring("day", "02:30")

    assert daily.after(at("2026-10-24T12:00")) == at("2026-10-25T00:30")
    assert daily.after(at("2026-10-25T00:30")) == at("2026-10-26T01:30")


def test_it_comes_from_its_first_day_to_its_last() -> None:
    days = {"first": date(2026, 5, 4), "last": date(2026, 5, 11)}
    mondays = recurring("week", "09:00", "UTC", weekdays=(Weekday.MONDAY,), **days)

    times = mondays.between(at("2020-01-01T00:00"), at("2030-01-01T00:00"))

    assert times == [at("2026-05-04T09:00"), at("2026-05-11T09:00")]
    assert mondays.after(times[-1]) is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"every": "week"}, "weekdays_invalid"),
        ({"every": "day", "weekdays": (Weekday.MONDAY,)}, "weekdays_invalid"),
        ({"every": "month"}, "day_invalid"),
        ({"every": "day", "day": 1}, "day_invalid"),
        ({"every": "month", "day": 32}, "day_invalid"),
        ({"every": "month", "day": 0}, "day_invalid"),
        (
            {"every": "day", "first": date(2027, 1, 1), "last": date(2026, 1, 1)},
            "recurrence_invalid",
        ),
        ({"every": "day", "last": date(9999, 12, 31)}, "recurrence_invalid"),
    ],
)
def test_what_never_comes_or_is_unclear_is_refused(wrong: dict[str, Any], code: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        recurring(wrong.pop("every"), "09:00", **wrong)

    assert refused.value.code == code
