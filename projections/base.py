"""What a projection is: tables of its own, and how a batch of events changes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

from psycopg import Cursor

from deadwax.application.log import Recorded
from deadwax.projections.table import Table


class Row(Protocol):
    """What every folded row has: its tenant, and which event of its stream came last."""

    tenant_id: Any
    version: Any
    updated_at: Any
    position: Any


R = TypeVar("R", bound=Row)
Step = Callable[[R, Recorded], None]
Key = tuple[int, int]
"""Tenant and stream as integers, which compare many times faster than UUIDs do."""


class UnknownEvent(Exception):
    """An event of a followed stream that the projection has no rule for."""

    def __init__(self, event: Recorded) -> None:
        super().__init__(f"There is no rule for {event.type!r} events.")


class StreamWithoutStart(Exception):
    """An event of a stream whose first event the projection never saw."""

    def __init__(self, event: Recorded) -> None:
        super().__init__(f"{event.type!r} comes before the first event of {event.stream_id}.")


class Projection(ABC):
    """`apply` runs inside the transaction that also stores the position, so each event counts
    once. `follows` is what the event types that concern it start with ("" for all); `version`
    is raised when rows come out differently: the projector then rebuilds before it goes on.
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1
    follows: ClassVar[str | tuple[str, ...]]
    tables: ClassVar[tuple[Table[Any], ...]]

    @abstractmethod
    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        """Change the tables by `batch`: events of followed streams only, in log order.

        Any exception undoes the batch and, once the event is found, stops the projection.
        """


class Fold(Projection, Generic[R]):
    """A projection with one row per stream, read and written once per batch.

    `first` is the type of event that begins a stream; `steps` what the others do to its row.
    """

    table: ClassVar[Table[Any]]
    first: ClassVar[str]
    steps: ClassVar[Mapping[str, Step[Any]]]

    @abstractmethod
    def begin(self, event: Recorded) -> R:
        """The row of a stream after its first event."""

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        streams = by_stream(batch)
        id_column = self.table.key[1]
        older: list[R] = self.table.get(cursor, begun_before(streams, self.first))
        rows = {key_of(row.tenant_id, getattr(row, id_column)): row for row in older}
        folded = [self._fold(rows.get(key), events) for key, events in streams.items()]
        self.table.put(cursor, folded)

    def _fold(self, row: R | None, events: Sequence[Recorded]) -> R:
        for event in events:
            if event.type == self.first:
                row = self.begin(event)
                continue
            if row is None:
                raise StreamWithoutStart(event)
            if event.type not in self.steps:
                raise UnknownEvent(event)
            self.steps[event.type](row, event)
        assert row is not None
        row.version, row.updated_at = event.version, event.recorded_at
        row.position = event.position
        return row


def key_of(tenant_id: UUID, stream_id: UUID) -> Key:
    return tenant_id.int, stream_id.int


def by_stream(batch: Iterable[Recorded]) -> dict[Key, list[Recorded]]:
    """The events of each stream, in order."""
    streams: dict[Key, list[Recorded]] = {}
    for event in batch:
        streams.setdefault((event.tenant_id.int, event.stream_id.int), []).append(event)
    return streams


def begun_before(streams: Mapping[Key, Sequence[Recorded]], first: str) -> list[tuple[UUID, UUID]]:
    """Tenant and id of the streams whose first event, of type `first`, is not among them."""
    return [(e[0].tenant_id, e[0].stream_id) for e in streams.values() if e[0].type != first]
