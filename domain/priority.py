"""Which of the deliveries that wait for one target goes first."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum


class Priority(StrEnum):
    """A head start, not a rank: what waited long enough goes before what is more urgent and came
    later, so nothing waits for ever."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"

    @property
    def patience(self) -> timedelta:
        """How much earlier than one of high priority it must have begun to wait, to go first."""
        return _PATIENCE[self]


_PATIENCE = {
    Priority.HIGH: timedelta(0),
    Priority.NORMAL: timedelta(minutes=30),
    Priority.LOW: timedelta(hours=4),
}
