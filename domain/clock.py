"""The time that all processes share, so that no machine's clock can be wrong for the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """The time in UTC; of events, leases, due times and limits."""
    return _source()


def follow(source: Callable[[], datetime] = _system) -> None:
    """Take the time from `source` from now on, in this process."""
    global _source
    _source = source
