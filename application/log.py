"""The event log as the application sees it: append, load, read in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from deadwax.application.errors import ApplicationError
from deadwax.domain.aggregate import Event


class LogUnavailable(ApplicationError):
    """The log could not be reached. An append may or may not have taken effect:
    append the same events again, or load and decide again."""

    code = "log_unavailable"


class UnstorableEvent(TypeError):
    """An event holds something that would not come back from JSON as it went in.

    A fault of the program, found before anything is stored.
    """


class UnreadableEvent(Exception):
    """A stored event does not fit its class. Whoever reads in order must stop here."""


class UnknownEventType(UnreadableEvent):
    """A stored event has a type, or a schema version, that this program does not have:
    most likely a newer program wrote it."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event as it stands in the log. `data` holds its own fields, upcasted to the
    latest version of its type, as plain JSON values; `recorded_at` is in UTC."""

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
        """Store all of `events` (at least one) or none, and return the position of the last.

        Raises Conflict when a stream already has one of the versions, LogUnavailable when
        the log stays out of reach, UnstorableEvent. May be repeated: an append that took
        effect is recognised by its event ids and returns the same position again.
        """
        ...

    def load(self, stream_id: UUID) -> Sequence[Event]:
        """The events of one stream in version order; empty if there is none.

        Raises LogUnavailable, UnreadableEvent.
        """
        ...

    def load_all(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        """The events of several streams in one trip, each in version order; those that have
        none are left out. Raises as `load` does."""
        ...


class LogReader(Protocol):
    """A tailing reader; never skips an event and never sees one out of order."""

    position: int

    def read(self, limit: int) -> Sequence[Recorded]:
        """The next events after `position`, at most `limit`, and moves `position` past them.

        Returns an empty list when nothing is safe to read yet; does not wait. Raises
        UnreadableEvent when the very next event is unreadable (those before it are returned
        first), and the database driver's error when the database stays away.
        """
        ...
