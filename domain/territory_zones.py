"""In which time zones a territory lies, by the IANA database's own table."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from deadwax.domain.local_times import instant
from deadwax.domain.texts import Moment


@cache
def _zones() -> dict[str, tuple[ZoneInfo, ...]]:
    """By ISO 3166-1 code; islands without people have none."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    zones: dict[str, tuple[ZoneInfo, ...]] = {}
    for line in table.splitlines():
        if line and not line.startswith("#"):
            country, _, name, *_ = line.split("\t")
            zones[country] = (*zones.get(country, ()), ZoneInfo(name))
    return zones


EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC)
"""Some write the ends of the calendar for always and for ever; nothing is planned so far away."""


@lru_cache(maxsize=4096)
def comes_first(moment: Moment, countries: frozenset[str]) -> datetime:
    """When a moment comes in the first of these countries, in the eastmost of its zones; where
    none of them has a zone, when it comes anywhere. In UTC, from EARLIEST to LATEST."""
    if not EARLIEST.year < moment.day.year < LATEST.year:
        return EARLIEST if moment.day.year <= EARLIEST.year else LATEST
    if moment.is_instant:
        return datetime.fromisoformat(moment).astimezone(UTC)
    local = datetime.fromisoformat(moment)
    zones = {zone for country in countries for zone in _zones().get(country, ())}
    return min((instant(local, zone) for zone in zones), default=moment.span()[0]).astimezone(UTC)
