"""Periods on the clock of a territory, where a moment says no more than about when.

An instant is another local time in each territory. Which zone a platform takes for a country
with several is its own choice, so nothing here depends on it: a period reaches from the
earliest local time that its start can be to the latest that its end can be, over the whole
world (26 hours apart for an instant, none for a day or a local time).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

from deadwax.domain.texts import Moment

_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)


@dataclass(frozen=True)
class Period:
    """From `start` until before `end`, in local time without zone; None is for ever."""

    start: datetime
    end: datetime | None = None

    @classmethod
    def between(cls, start: Moment, end: Moment | None) -> Self:
        """The longest period that this can be in any territory."""
        return cls(_local(start, _WEST), None if end is None else _local(end, _EAST))

    def overlaps(self, other: Period) -> bool:
        return _starts_before_end(self, other) and _starts_before_end(other, self)

    @property
    def reach(self) -> tuple[bool, datetime]:
        """What compares periods by their ends."""
        return self.end is None, self.end or self.start

    def holds_at(self, local: datetime) -> bool:
        return self.start <= local and (self.end is None or local < self.end)

    def __str__(self) -> str:
        return f"from {shown(self.start)}" + (f" until {shown(self.end)}" if self.end else "")


def shown(local: datetime) -> str:
    """As a Moment is written: a day where it is midnight."""
    return (local.date() if local.time() == datetime.min.time() else local).isoformat()


def _starts_before_end(one: Period, other: Period) -> bool:
    return other.end is None or one.start < other.end


def _local(moment: Moment, offset: timedelta) -> datetime:
    value = datetime.fromisoformat(moment)
    if value.tzinfo is None:
        return value
    try:
        return value.astimezone(UTC).replace(tzinfo=None) + offset
    except OverflowError:  # at the ends of the calendar, which some write for ever
        return value.replace(tzinfo=None)
