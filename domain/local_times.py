"""Instants of local times, where clocks are put forward and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SECOND = timedelta(seconds=1)


def instants(local: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When the clocks of `zone` show `local`, a time without offset, in order, in UTC: once; twice
    where they are put back; never where they are put forward over it."""
    both = sorted({_utc(local, zone, fold) for fold in (0, 1)})
    return tuple(at for at in both if at.astimezone(zone).replace(tzinfo=None) == local)


def instant(local: datetime, zone: ZoneInfo) -> datetime:
    """The one instant meant by `local`: the first of two; of none, the one at which the clocks are
    put forward over it."""
    shown = instants(local, zone)
    return shown[0] if shown else _change(local, zone)


def edges(local: datetime, zone: ZoneInfo) -> set[datetime]:
    """Every instant at which what lies before `local` and what does not can part: when the clocks
    show it, and when they are put over or behind it."""
    if _utc(local, zone, 0) == _utc(local, zone, 1):
        return {_utc(local, zone, 0)}
    return {*instants(local, zone), _change(local, zone)}


def _utc(local: datetime, zone: ZoneInfo, fold: int) -> datetime:
    return local.replace(tzinfo=zone, fold=fold).astimezone(UTC)


def _change(local: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks are put over or behind `local`: between what it means by the offset before
    and by the offset after (PEP 495), and found by halving, for no zone tells its changes."""
    both = (_utc(local, zone, fold).replace(microsecond=0) for fold in (0, 1))
    before, after = sorted(both)
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = (before + (after - before) // 2).replace(microsecond=0)
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after
