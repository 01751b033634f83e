"""When a release is out, when it is sent, and what is said of that."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_transfer_times import policies

from deadwax.domain.deals import Deal
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.identifiers import Dpid
from deadwax.domain.release_planning import (
    Dates,
    Punctuality,
    Verdict,
    judge,
    latest_of,
    openings,
    out_at,
    planned_at,
)
from deadwax.domain.states import Status
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Moment
from deadwax.domain.transfer_times import (
    ClockTime,
    Maintenance,
    TransferWindow,
    Weekday,
    Zone,
    is_open,
    next_open,
)
from deadwax.domain.vocabulary import CommercialModel, UseType

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
OUT = datetime(2026, 12, 4, tzinfo=UTC)
PLATFORM = "PADPIDA2013042401U"


def deal(start: str, *countries: str, **more: Any) -> Deal:
    return Deal(
        territories=Territories(included=tuple(map(Territory, countries))),
        models=(CommercialModel.SUBSCRIPTION,),
        uses=(UseType.ON_DEMAND_STREAM,),
        start=Moment(start),
        **more,
    )


def out(*deals: Deal, day: date | None = None, zone: str | None = None) -> datetime | None:
    return out_at(list(openings(deals)), day, PLATFORM, ZoneInfo(zone) if zone else None)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_begins_first_in_the_eastmost_zone_of_its_territories() -> None:
    assert out(deal("2026-12-04", "DE")) == utc("2026-12-03T23:00")
    assert out(deal("2026-12-04", "DE", "US")) == utc("2026-12-03T23:00")
    assert out(deal("2026-12-04", "US")) == utc("2026-12-04T05:00")  # New York before Hawaii
    assert out(deal("2026-12-04", "Worldwide")) == utc("2026-12-03T10:00")  # Kiribati


def test_a_local_time_and_an_instant_are_what_they_say() -> None:
    assert out(deal("2026-07-03T09:00:00", "DE")) == utc("2026-07-03T07:00")
    assert out(deal("2026-07-03T09:00:00+02:00", "JP")) == utc("2026-07-03T07:00")


def test_the_first_deal_for_the_platform_counts_and_its_pre_order() -> None:
    others = deal("2026-01-01", "DE", recipients=(Dpid("PADPIDA20261121020"),))
    sale = deal("2026-12-04", "DE", pre_order_from=Moment("2026-11-20"))

    assert out(others, sale) == utc("2026-11-19T23:00")
    assert out(others, day=date(2026, 12, 4)) == utc("2026-12-03T10:00")
    assert out(others) is None


def test_a_stated_zone_counts_alone() -> None:
    early = deal("2026-11-01", "DE")

    assert out(early, day=date(2026, 12, 4), zone="America/New_York") == utc("2026-12-04T05:00")


def test_where_nobody_lives_the_day_begins_when_it_begins_anywhere() -> None:
    assert out(deal("2026-12-04", "BV")) == utc("2026-12-03T10:00")


@pytest.mark.parametrize("year", ["0001", "1899", "9999"])
@pytest.mark.parametrize("form", ["{}-12-31", "{}-01-02T00:00:00+14:00", "{}-12-30T23:59:59-12:00"])
def test_the_ends_of_the_calendar_are_only_very_far_away(year: str, form: str) -> None:
    begin = out(deal(form.format(year), "Worldwide"))

    assert begin is not None
    assert (begin < utc("1950-01-01")) is (year != "9999")
    assert latest_of(begin, 8_760) < begin
    day = date(int(year), 12, 31)
    assert out(day=day, zone="Pacific/Apia") == out(deal(f"{day}", "WS"))


@given(policies(), st.integers(0, 24 * 40), st.integers(0, 72))
@settings(max_examples=200, deadline=None)
def test_it_is_planned_for_when_the_target_is_open_and_in_time_if_it_can_be(
    case: tuple[DeliveryPolicy, datetime], hours: int, spare: int
) -> None:
    policy, now = case
    latest = now + hours * HOUR

    planned = planned_at(policy, latest, spare * HOUR, now)

    assert planned >= now
    assert is_open(policy, planned)
    if next_open(policy, now) <= latest and hours <= 24 * 8:
        assert planned <= latest or hours * HOUR > 7 * DAY
    if planned > latest:
        assert planned == next_open(policy, now)


def test_it_is_sent_when_the_window_opens_before_which_it_is_spared() -> None:
    window = TransferWindow(zone=Zone("UTC"), start=ClockTime("02:00"), end=ClockTime("04:00"))
    policy = DeliveryPolicy(windows=(window,))

    planned = planned_at(policy, utc("2026-11-20T12:00"), DAY, utc("2026-11-01T00:00"))

    assert planned == utc("2026-11-20T02:00")


def test_the_window_of_the_week_before_is_taken_if_the_next_is_too_late() -> None:
    window = TransferWindow(
        zone=Zone("UTC"), start=ClockTime("02:00"), end=ClockTime("04:00"), days=(Weekday.MONDAY,)
    )
    policy = DeliveryPolicy(windows=(window,))

    planned = planned_at(policy, utc("2026-11-20T12:00"), DAY, utc("2026-11-01T00:00"))

    assert planned == utc("2026-11-16T02:00")


def test_nothing_is_planned_for_the_past() -> None:
    now = utc("2026-11-20T13:00")

    assert planned_at(DeliveryPolicy(), utc("2026-11-20T12:00"), DAY, now) == now


LATEST = latest_of(OUT, 72)
KNOWN: dict[str, Any] = {"out": OUT, "latest": LATEST, "wanted_at": OUT - 30 * DAY}
CLOSED = DeliveryPolicy(maintenance=(Maintenance(start=OUT - 20 * DAY, end=OUT - DAY),))


@pytest.mark.parametrize(
    ("known", "before", "state", "why"),
    [
        ({}, 10 * DAY, "on_time", "planned"),
        ({"planned": LATEST}, 10 * DAY, "on_time", "planned"),
        ({"planned": LATEST + HOUR}, 10 * DAY, "will_miss", "planned_too_late"),
        ({}, 3 * DAY + 11 * HOUR, "at_risk", "little_time"),
        ({"status": Status.NEEDS_ATTENTION}, 10 * DAY, "at_risk", "held_up"),
        ({"paused": True}, 10 * DAY, "at_risk", "paused"),
        ({"status": Status.SUSPENDED}, 10 * DAY, "at_risk", "held_up"),
        ({}, 2 * DAY, "will_miss", "lead_time_passed"),
        ({}, timedelta(0), "missed", "not_delivered"),
        ({"delivered_at": LATEST}, -DAY, "on_time", "delivered"),
        ({"delivered_at": LATEST + HOUR}, DAY, "at_risk", "delivered_late"),
        ({"delivered_at": LATEST + HOUR, "live": True}, DAY, "on_time", "delivered"),
        ({"delivered_at": LATEST + HOUR}, -DAY, "on_time", "delivered"),
        ({"delivered_at": OUT + HOUR}, -DAY, "missed", "delivered_after"),
        ({"wanted_at": OUT + DAY}, -2 * DAY, "on_time", "out_before"),
        ({"wanted_at": OUT + DAY, "delivered_at": OUT + 2 * DAY}, -3 * DAY, "on_time", None),
    ],
)
def test_what_is_said_so_long_before_it_is_out(
    known: dict[str, Any], before: timedelta, state: str, why: str | None
) -> None:
    verdict = judge(Dates(**(KNOWN | known)), DeliveryPolicy(), OUT - before)

    assert verdict.state == state
    assert why is None or verdict.why == why


def test_a_target_that_opens_too_late_is_told_at_once() -> None:
    verdict = judge(Dates(**KNOWN), CLOSED, OUT - 15 * DAY)

    assert verdict == Verdict(Punctuality.WILL_MISS, "no_window")


@given(st.integers(0, 24 * 30), st.integers(1, 24 * 30))
@settings(max_examples=200)
def test_what_is_not_delivered_never_gets_better_by_waiting(start: int, later: int) -> None:
    worse = [*Punctuality]
    first, second = (
        judge(Dates(**KNOWN), DeliveryPolicy(), OUT - 30 * DAY + hours * HOUR)
        for hours in (start, start + later)
    )

    assert worse.index(first.state) <= worse.index(second.state)
