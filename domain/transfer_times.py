"""When a target may be delivered to: daily windows, and the platform's maintenance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from deadwax.domain.errors import InvalidValue
from deadwax.domain.local_times import edges
from deadwax.domain.values import Text

if TYPE_CHECKING:
    from deadwax.domain.delivery_policy import DeliveryPolicy

DAY = timedelta(days=1)
LONGEST_MAINTENANCE = timedelta(days=366)
YEARS = range(1970, 3000)
_LOOKED_AHEAD = 22
"""Days. A window comes every week; in one week clocks may be put forward over it, and in another
its day left out where a country moves over the date line."""


@cache
def _zones() -> frozenset[str]:
    """`localtime` is a zone of the machine, not of the IANA database."""
    return frozenset(available_timezones() - {"localtime"})


class Zone(Text):
    """A time zone of the IANA database."""

    code, pattern, example = "zone_unknown", r"[A-Za-z0-9_+/-]{1,64}", "Europe/Berlin"
    fix = "Give a zone of the IANA database, such as Europe/Berlin or UTC."

    @classmethod
    def check(cls, value: str) -> str:
        return "" if value in _zones() else "There is no such zone."

    @property
    def info(self) -> ZoneInfo:
        return ZoneInfo(self)


class ClockTime(Text):
    """A time of day, HH:MM."""

    code, pattern, example = "clock_time_invalid", r"([01][0-9]|2[0-3]):[0-5][0-9]", "22:30"
    fix = "Give hours and minutes as HH:MM, 00:00 to 23:59."

    @property
    def time(self) -> time:
        return time.fromisoformat(self)


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"


@dataclass(frozen=True, kw_only=True)
class TransferWindow:
    """On these days from `start` to `end` by the zone's clocks; past midnight if `end` is not
    later than `start`. Without `days` on all.

    It is open when the clocks show a time of it: where they are put back, maybe twice; where they
    are put forward over it, not on that day."""

    zone: Zone
    start: ClockTime
    end: ClockTime
    days: tuple[Weekday, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def is_open(self, at: datetime) -> bool:
        shown = at.astimezone(self.zone.info).replace(tzinfo=None)
        return any(start <= shown < end for start, end in self._on_days(shown, range(-1, 1)))

    def edges(self, at: datetime) -> Iterator[datetime]:
        """The instants of the days around and after `at` at which it can open or close."""
        shown = at.astimezone(self.zone.info).replace(tzinfo=None)
        for start, end in self._on_days(shown, range(-2, _LOOKED_AHEAD)):
            yield from edges(start, self.zone.info)
            yield from edges(end, self.zone.info)

    def _on_days(self, shown: datetime, days: range) -> Iterator[tuple[datetime, datetime]]:
        """What the clocks show at start and end, on the days counted from the one shown."""
        nights = DAY if self.end <= self.start else timedelta(0)
        for day in (shown.date() + number * DAY for number in days):
            if not self.days or list(Weekday)[day.weekday()] in self.days:
                start = datetime.combine(day, self.start.time)
                yield start, datetime.combine(day, self.end.time) + nights


@dataclass(frozen=True, kw_only=True)
class Maintenance:
    """The platform takes nothing from `start` until `end`, times with an offset."""

    start: datetime
    end: datetime
    reason: str = ""
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None or self.end <= self.start:
            raise InvalidValue(
                "maintenance_invalid",
                "A maintenance begins before it ends, at times with an offset.",
                "Give start and end like 2026-12-01T02:00:00+01:00.",
            )
        if self.end - self.start > LONGEST_MAINTENANCE or self.end.year not in YEARS:
            raise InvalidValue(
                "maintenance_too_long",
                f"A maintenance ends, within {LONGEST_MAINTENANCE.days} days of its start and "
                f"before the year {YEARS.stop}.",
                "Pause a target that takes nothing any more.",
            )

    def covers(self, at: datetime) -> bool:
        return self.start <= at < self.end


def is_open(policy: DeliveryPolicy, at: datetime) -> bool:
    """Whether a target of this policy takes deliveries at `at`, a time with an offset."""
    return _in_window(policy, at) and not any(m.covers(at) for m in policy.maintenance)


def next_open(policy: DeliveryPolicy, at: datetime) -> datetime:
    """`at` itself if the target takes deliveries then, else the first instant after at which it
    does, in UTC. There always is one: a window comes every week, and a maintenance ends."""
    while not is_open(policy, at):
        ends = [m.end for m in policy.maintenance if m.covers(at)]
        at = max(ends).astimezone(UTC) if ends else next(_turns(policy, at))
    return at


def _in_window(policy: DeliveryPolicy, at: datetime) -> bool:
    return not policy.windows or any(window.is_open(at) for window in policy.windows)


def _turns(policy: DeliveryPolicy, at: datetime) -> Iterator[datetime]:
    """In order, when after `at` it is in a window, if it is not then; and not in one, if it is."""
    now = _in_window(policy, at)
    later = {edge for window in policy.windows for edge in window.edges(at) if edge > at}
    return (edge for edge in sorted(later) if _in_window(policy, edge) != now)
