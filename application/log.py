"""The event log as the application sees it: append, load, read in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from deadwax.domain.aggregate import Event


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event as it stands in the log. `data` holds its own fields, upcasted to the
    latest version of its type, as plain JSON values."""

    position: int
    event_id: UUID
    stream_id: UUID
    version: int
    type: str
    tenant_id: UUID
    actor: str
    correlation_id: str
    causation_id: str | None
    recorded_at: datetime
    data: dict[str, Any]


class EventLog(Protocol):
    """Where every fact is stored, once, in order."""

    def append(self, events: Sequence[Event]) -> int:
        """Store all of `events` or none, and return the position of the last.

        Raises Conflict when a stream already has one of the versions. Safe to repeat
        after a lost connection: an append that took effect is recognised by its event ids.
        """
        ...

    def load(self, stream_id: UUID) -> Iterable[Event]:
        """The events of one stream in version order; empty if there is none."""
        ...


class LogReader(Protocol):
    """A tailing reader; never skips an event and never sees one out of order."""

    position: int

    def read(self, limit: int) -> Sequence[Recorded]:
        """The next events after `position`, at most `limit`, and moves `position` past them.

        Returns an empty list when nothing is safe to read yet; does not wait.
        """
        ...
