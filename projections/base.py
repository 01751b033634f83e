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
Key = tuple[UUID, UUID]


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
    follows: ClassVar[str]
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
        rows = self._current(cursor, batch)
        for event in batch:
            key = event.tenant_id, event.stream_id
            if event.type == self.first:
                rows[key] = self.begin(event)
                continue
            if event.type not in self.steps:
                raise UnknownEvent(event)
            if key not in rows:
                raise StreamWithoutStart(event)
            row = rows[key]
            self.steps[event.type](row, event)
            row.version, row.updated_at = event.version, event.recorded_at
            row.position = event.position
        self.table.put(cursor, list(rows.values()))

    def _current(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> dict[Key, R]:
        keys = keys_of(batch)
        keys.difference_update((e.tenant_id, e.stream_id) for e in batch if e.type == self.first)
        id_column = self.table.key[1]
        rows: Iterable[R] = self.table.get(cursor, keys)
        return {(row.tenant_id, getattr(row, id_column)): row for row in rows}


def keys_of(batch: Iterable[Recorded]) -> set[Key]:
    """Tenant and stream of each event."""
    return {(event.tenant_id, event.stream_id) for event in batch}
