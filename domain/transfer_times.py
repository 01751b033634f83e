"""When a target may be delivered to: daily windows, and the platform's maintenance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from deadwax.domain.errors import InvalidValue
from deadwax.domain.values import Text


class Zone(Text):
    """A time zone of the IANA database."""

    code, pattern, example = "zone_unknown", r"[A-Za-z0-9_+/-]{1,64}", "Europe/Berlin"
    fix = "Give a zone of the IANA database, such as Europe/Berlin or UTC."

    @classmethod
    def check(cls, value: str) -> str:
        return "" if value in available_timezones() else "There is no such zone."

    @property
    def info(self) -> ZoneInfo:
        return ZoneInfo(self)


class ClockTime(Text):
    """A time of day, HH:MM."""

    code, pattern, example = "clock_time_invalid", r"([01][0-9]|2[0-3]):[0-5][0-9]", "22:30"
    fix = "Give hours and minutes as HH:MM, 00:00 to 23:59."


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
    later than `start`. Without `days` on all."""

    zone: Zone
    start: ClockTime
    end: ClockTime
    days: tuple[Weekday, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


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
