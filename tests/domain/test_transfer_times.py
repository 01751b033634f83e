"""Windows and maintenance, against clocks that are looked at every minute."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.zones import ZONES, near_a_change

from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.errors import InvalidValue
from deadwax.domain.transfer_times import (
    ClockTime,
    Maintenance,
    TransferWindow,
    Weekday,
    Zone,
    is_open,
    next_open,
)

MINUTE = timedelta(minutes=1)
WEEKDAYS = list(Weekday)


def window(start: str, end: str, zone: str = "Europe/Berlin", *days: Weekday) -> TransferWindow:
    return TransferWindow(zone=Zone(zone), start=ClockTime(start), end=ClockTime(end), days=days)


def policy(*windows: TransferWindow, maintenance: tuple[Maintenance, ...] = ()) -> DeliveryPolicy:
    return DeliveryPolicy(windows=windows, maintenance=maintenance)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# The oracle: the rule of one minute, spelled out, and a walk over all of them.


def shows_a_time_of(window: TransferWindow, instant: datetime) -> bool:
    clock = instant.astimezone(ZoneInfo(window.zone))
    now, start, end = clock.time(), time.fromisoformat(window.start), time.fromisoformat(window.end)
    today, yesterday = (is_day(window, clock.date() - timedelta(days=d)) for d in (0, 1))
    if start < end:
        return today and start <= now < end
    return (today and now >= start) or (yesterday and now < end)


def is_day(window: TransferWindow, day: date) -> bool:
    return not window.days or WEEKDAYS[day.weekday()] in window.days


def open_that_minute(policy: DeliveryPolicy, instant: datetime) -> bool:
    in_window = any(shows_a_time_of(window, instant) for window in policy.windows)
    down = any(down.start <= instant < down.end for down in policy.maintenance)
    return (in_window or not policy.windows) and not down


def first_minute(policy: DeliveryPolicy, begin: datetime, wanted: bool) -> datetime | None:
    minutes = (begin + number * MINUTE for number in range(16 * 1440))
    return next((m for m in minutes if open_that_minute(policy, m) is wanted), None)


def clock_times(now: datetime, zone: str) -> st.SearchStrategy[ClockTime]:
    """Most often what the clocks show within some hours, where they may be changed."""
    near = st.integers(-180, 180).map(lambda minutes: now + minutes * MINUTE)
    return (near.map(lambda at: at.astimezone(ZoneInfo(zone)).time()) | st.times()).map(
        lambda shown: ClockTime(f"{shown:%H:%M}")
    )


@st.composite
def policies(draw: st.DrawFn) -> tuple[DeliveryPolicy, datetime]:
    zone = draw(st.sampled_from(ZONES))
    now = draw(near_a_change(zone))
    days = st.just(()) | st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=6).map(tuple)
    times = clock_times(now, zone)
    windows = st.builds(TransferWindow, zone=st.just(Zone(zone)), start=times, end=times, days=days)
    begins = st.integers(-2000, 4000).map(lambda minutes: now + minutes * MINUTE)
    downs = st.builds(
        lambda start, minutes: Maintenance(start=start, end=start + minutes * MINUTE),
        begins,
        st.integers(1, 3000),
    )
    made = policy(
        *draw(st.lists(windows, max_size=3)),
        maintenance=tuple(draw(st.lists(downs, max_size=2))),
    )
    return made, now


@given(policies())
@settings(max_examples=400, deadline=None)
def test_it_opens_in_the_first_minute_that_is_open(case: tuple[DeliveryPolicy, datetime]) -> None:
    made, now = case

    assert next_open(made, now) == first_minute(made, now, True)
    assert is_open(made, now) is open_that_minute(made, now)


@given(policies(), st.integers(0, 59_999_999))
@settings(max_examples=100, deadline=None)
def test_between_two_minutes_it_opens_at_the_next_or_is_open(
    case: tuple[DeliveryPolicy, datetime], microseconds: int
) -> None:
    made, minute = case
    now = minute + timedelta(microseconds=microseconds)

    opens = next_open(made, now)

    if is_open(made, minute):
        assert opens == now
    else:
        assert opens == next_open(made, minute + MINUTE)


NIGHT = policy(window("01:30", "02:30"))


def test_where_clocks_are_put_forward_the_hour_that_is_left_out_is_closed() -> None:
    assert next_open(NIGHT, at("2026-03-28T12:00")) == at("2026-03-29T00:30")
    assert is_open(NIGHT, at("2026-03-29T01:00") - MINUTE)
    assert not is_open(NIGHT, at("2026-03-29T01:00"))
    assert next_open(NIGHT, at("2026-03-29T01:00")) == at("2026-03-29T23:30")


def test_where_clocks_are_put_back_it_opens_twice() -> None:
    assert next_open(NIGHT, at("2026-10-24T12:00")) == at("2026-10-24T23:30")
    assert is_open(NIGHT, at("2026-10-25T00:30") - MINUTE)
    assert not is_open(NIGHT, at("2026-10-25T00:30"))
    assert next_open(NIGHT, at("2026-10-25T00:30")) == at("2026-10-25T01:00")
    assert is_open(NIGHT, at("2026-10-25T01:30") - MINUTE)
    assert not is_open(NIGHT, at("2026-10-25T01:30"))


def test_a_window_that_clocks_are_put_forward_over_comes_on_the_next_day() -> None:
    left_out = policy(window("02:00", "03:00"))

    assert next_open(left_out, at("2026-03-28T12:00")) == at("2026-03-30T00:00")


def test_a_window_past_midnight_belongs_to_the_day_it_begins_on() -> None:
    saturdays = policy(window("22:00", "04:00", "Asia/Kathmandu", Weekday.SATURDAY))

    assert next_open(saturdays, at("2026-06-01T00:00")) == at("2026-06-06T16:15")
    assert is_open(saturdays, at("2026-06-06T22:15") - MINUTE)
    assert not is_open(saturdays, at("2026-06-06T22:15"))


def test_a_day_that_a_country_left_out_had_no_window() -> None:
    fridays = policy(window("10:00", "11:00", "Pacific/Apia", Weekday.FRIDAY))

    opened = next_open(fridays, at("2011-12-25T00:00")).astimezone(ZoneInfo("Pacific/Apia"))

    assert opened.date() == date(2012, 1, 6)


def test_the_end_of_a_maintenance_is_waited_for_and_then_the_window() -> None:
    down = Maintenance(start=at("2026-06-01T00:00"), end=at("2026-06-03T00:00"))
    made = policy(window("01:30", "02:30"), maintenance=(down,))

    assert next_open(made, at("2026-05-31T23:45")) == at("2026-05-31T23:45")
    assert is_open(made, at("2026-06-01T00:00") - MINUTE)
    assert not is_open(made, at("2026-06-01T00:00"))
    assert next_open(made, at("2026-06-01T00:00")) == at("2026-06-03T00:00")


def test_without_windows_it_is_always_time() -> None:
    now = at("2026-06-01T00:00")

    assert next_open(DeliveryPolicy(), now) is now


def test_windows_that_leave_no_minute_out_never_close() -> None:
    round_the_clock = policy(window("08:00", "20:00"), window("20:00", "08:00"))

    assert all(is_open(round_the_clock, at("2026-03-28T12:00") + n * MINUTE) for n in range(2880))


@pytest.mark.parametrize("end", ["2027-06-03T00:00", "9999-12-31T23:59"])
def test_a_target_that_would_never_open_is_refused(end: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Maintenance(start=at("2026-06-01T00:00"), end=at(end))

    assert refused.value.code == "maintenance_too_long"


def test_a_chain_of_maintenances_comes_to_its_end() -> None:
    year = timedelta(days=365)
    begin = at("2026-06-01T00:00")
    chain = [Maintenance(start=begin + n * year, end=begin + (n + 1) * year) for n in range(200)]

    assert next_open(policy(maintenance=tuple(chain)), begin) == begin + 200 * year


def test_more_windows_than_can_be_meant_are_refused() -> None:
    with pytest.raises(InvalidValue) as refused:
        policy(*[window("01:00", "02:00")] * 101)

    assert refused.value.code == "windows_invalid"


@pytest.mark.parametrize("wrong", ["Mars/Olympus", "localtime", "../etc/passwd", ""])
def test_what_is_no_zone_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        Zone(wrong)

    assert refused.value.code == "zone_unknown"
