"""When a platform must have a release, when it is sent, and whether that is in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from deadwax.domain.deals import Deal
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.local_times import instant
from deadwax.domain.states import Status
from deadwax.domain.territories import COUNTRIES
from deadwax.domain.territory_zones import EARLIEST, LATEST, comes_first
from deadwax.domain.texts import Moment
from deadwax.domain.transfer_times import next_open

SHORT = timedelta(hours=12)
"""With less time than this, what is not delivered yet is at risk."""
_EARLIER_DAYS = 60
_HELD_UP = frozenset(
    {
        *(Status.NEEDS_ATTENTION, Status.FAILED, Status.REJECTED),
        *(Status.SUSPENDED, Status.OUTCOME_UNKNOWN),
    }
)


@dataclass(frozen=True, kw_only=True)
class Opening:
    """From when some platforms (DPIDs; empty: all) may do anything with a release."""

    at: datetime
    recipients: tuple[str, ...] = ()


def openings(deals: Iterable[Deal]) -> Iterator[Opening]:
    """When each deal opens, with its pre-order if it has one, in the first of its territories."""
    for deal in deals:
        at = comes_first(deal.opens, deal.territories.countries())
        yield Opening(at=at, recipients=tuple(map(str, deal.recipients)))


def out_at(
    known: Iterable[Opening], release_date: date | None, recipient: str, zone: ZoneInfo | None
) -> datetime | None:
    """When a release is out for one platform. With a zone at midnight of the release date there;
    else when the first deal for the platform opens; without such a deal, when the release date
    begins anywhere. None if neither is known."""
    if zone and release_date and EARLIEST.year < release_date.year < LATEST.year:
        return instant(datetime.combine(release_date, time.min), zone)
    fitting = [o.at for o in known if not o.recipients or recipient in o.recipients]
    if fitting:
        return min(fitting)
    return comes_first(Moment.on(release_date), COUNTRIES) if release_date else None


def latest_of(out: datetime, lead_hours: int | None) -> datetime:
    """When the platform must have it at the latest."""
    return out - timedelta(hours=lead_hours or 0)


def planned_at(
    policy: DeliveryPolicy, latest: datetime, spare: timedelta, now: datetime
) -> datetime:
    """When it is to be sent: when the target next takes deliveries, `spare` before the latest
    time; on an earlier day if only that is in time; as soon as possible if none is."""
    for days in range(_EARLIER_DAYS):
        wanted = max(now, latest - spare - timedelta(days=days))
        opens = next_open(policy, wanted)
        if opens <= latest:
            return opens
        if wanted == now:
            break
    return next_open(policy, now)


class Punctuality(StrEnum):
    ON_TIME = "on_time"
    AT_RISK = "at_risk"
    WILL_MISS = "will_miss"
    MISSED = "missed"


@dataclass(frozen=True, kw_only=True)
class Dates:
    """What is known of one release on one target. `wanted_at` is when the delivery was asked for,
    `planned` when it is to be sent, if later than at once; `delivered_at` when the platform first
    had it whole; `paused` whether the target is until somebody resumes it; `status` None where the
    distribution is only planned."""

    out: datetime
    latest: datetime
    wanted_at: datetime
    planned: datetime | None = None
    delivered_at: datetime | None = None
    live: bool = False
    paused: bool = False
    status: Status | None = None


@dataclass(frozen=True)
class Verdict:
    """`why` is a stable word; see `words_of`."""

    state: Punctuality
    why: str


NOT_WANTED = "not_wanted"
_WORDS = {
    "delivered": "The platform has it in time.",
    "out_before": "It was out before its delivery was asked for.",
    "delivered_late": "It was delivered later than the platform wants it.",
    "delivered_after": "It was delivered after it was to be out.",
    "not_delivered": "It is to be out and was not delivered.",
    "lead_time_passed": "The time by which the platform wants it has passed.",
    "planned_too_late": "It is planned for later than the platform wants it.",
    "no_window": "The target takes no deliveries before the platform wants it.",
    "held_up": "It waits for a person.",
    "paused": "The target is paused.",
    "little_time": f"Less than {SHORT // timedelta(hours=1)} hours are left.",
    "planned": "There is time enough.",
    "not_wanted": "It is not to be delivered any more.",
}


def words_of(why: str) -> str:
    """What a verdict's `why` says to a person."""
    return _WORDS[why]


def judge(dates: Dates, policy: DeliveryPolicy, now: datetime) -> Verdict:
    """Whether the platform has it in time, by what is known at `now`."""
    on_time, risk, will_miss, missed = Punctuality
    if dates.live or dates.delivered_at is not None:
        return _delivered(dates, now)
    if dates.wanted_at >= dates.out:
        return Verdict(on_time, "out_before")
    if now >= dates.out:
        return Verdict(missed, "not_delivered")
    if now > dates.latest:
        return Verdict(will_miss, "lead_time_passed")
    if dates.planned and dates.planned > dates.latest:
        return Verdict(will_miss, "planned_too_late")
    if next_open(policy, max(now, dates.planned or now)) > dates.latest:
        return Verdict(will_miss, "no_window")
    if dates.status in _HELD_UP:
        return Verdict(risk, "held_up")
    if dates.paused:
        return Verdict(risk, "paused")
    if dates.latest - now < SHORT:
        return Verdict(risk, "little_time")
    return Verdict(on_time, "planned")


def _delivered(dates: Dates, now: datetime) -> Verdict:
    at = dates.delivered_at
    if at is None or at <= dates.latest:
        return Verdict(Punctuality.ON_TIME, "delivered")
    if dates.wanted_at >= dates.out:
        return Verdict(Punctuality.ON_TIME, "out_before")
    if at > dates.out:
        return Verdict(Punctuality.MISSED, "delivered_after")
    late = now < dates.out and not dates.live
    return (
        Verdict(Punctuality.AT_RISK, "delivered_late")
        if late
        else Verdict(Punctuality.ON_TIME, "delivered")
    )
