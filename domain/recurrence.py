"""Times that come again: each day, week or month, at a local time."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import count
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.local_times import instant
from deadwax.domain.transfer_times import YEARS, ClockTime, Weekday, Zone

_DAY = timedelta(days=1)


class Every(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, kw_only=True)
class Recurrence:
    """At `time` by the zone's clocks, each day; each week on `weekdays`; or each month on
    `day`, and on the last day of months that are shorter. From `first` to `last`, both included.

    Where clocks are put back over `time` it is the first of the two; where they are put forward
    over it, the instant at which they are.
    """

    every: Every
    time: ClockTime
    zone: Zone
    weekdays: tuple[Weekday, ...] = ()
    day: int | None = None
    first: date | None = None
    last: date | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if bool(self.weekdays) != (self.every is Every.WEEK):
            raise InvalidValue(
                "weekdays_invalid",
                "What comes every week, and nothing else, comes on weekdays.",
                'Give weekdays with every "week", and only there.',
            )
        if (self.day is not None) != (self.every is Every.MONTH):
            raise InvalidValue(
                "day_invalid",
                "What comes every month, and nothing else, comes on a day of the month.",
                'Give day with every "month", and only there.',
            )
        if self.day is not None and not 1 <= self.day <= 31:
            raise InvalidValue("day_invalid", f"No month has a day {self.day}.", "Give 1 to 31.")
        ends = [day for day in (self.first, self.last) if day]
        if any(day.year not in YEARS for day in ends) or ends != sorted(ends):
            raise InvalidValue(
                "recurrence_invalid",
                f"It begins before it ends, in the years {YEARS.start} to {YEARS.stop - 1}.",
                "Give first and last in this order.",
            )

    def after(self, at: datetime) -> datetime | None:
        """The first time after `at`, in UTC; None if there is none any more."""
        times = (self._at(day) for day in self._days(self._local(at)))
        return next((time for time in times if time > at), None)

    def between(self, begin: datetime, end: datetime) -> list[datetime]:
        """The times after `begin` until `end`, which is included."""
        times, at = [], self.after(begin)
        while at is not None and at <= end:
            times.append(at)
            at = self.after(at)
        return times

    def _local(self, at: datetime) -> date:
        """A day that is surely not after the first time to come."""
        day = at.astimezone(self.zone.info).date() - _DAY
        return max(day, self.first) if self.first else day

    def _at(self, day: date) -> datetime:
        return instant(datetime.combine(day, self.time.time), self.zone.info)

    def _days(self, begin: date) -> Iterator[date]:
        """The days on which it comes, from `begin` on."""
        days = self._months(begin) if self.day else (begin + n * _DAY for n in count())
        for day in days:
            if self.last and day > self.last:
                return
            if day >= begin and self._is_on(day):
                yield day

    def _is_on(self, day: date) -> bool:
        return not self.weekdays or list(Weekday)[day.weekday()] in self.weekdays

    def _months(self, begin: date) -> Iterator[date]:
        assert self.day is not None
        for month in count(begin.year * 12 + begin.month - 1):
            year, number = divmod(month, 12)
            last = calendar.monthrange(year, number + 1)[1]
            yield date(year, number + 1, min(self.day, last))
