"""The base of our aggregates and events: the library's, with an envelope.

Events live at module level in `<aggregate>_events.py` rather than nested in their
aggregate, because the library rewrites nested event classes behind the type checker.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID, uuid4

from eventsourcing.domain import AggregateCreated, AggregateEvent, BaseAggregate
from eventsourcing.utils import register_topic

from deadwax.domain import clock
from deadwax.domain.cause import current_cause
from deadwax.domain.plain import from_plain

T = TypeVar("T")


@dataclass(frozen=True)
class Event(AggregateEvent):
    """Something that happened, as plain JSON fields under a frozen topic.

    Subclasses are frozen dataclasses with `TOPIC = "<aggregate>.<past_tense>"` and an
    `apply` that only assigns: it runs at every replay, for ever, and may not raise.
    A changed shape raises `class_version` and adds `upcast_v1_v2(state)` and so on.
    """

    TOPIC: ClassVar[str] = ""
    class_version: ClassVar[int] = 1

    event_id: UUID = field(default_factory=uuid4, init=False)
    tenant_id: UUID = field(default_factory=lambda: current_cause().tenant_id, init=False)
    actor: str = field(default_factory=lambda: current_cause().actor, init=False)
    correlation_id: str = field(default_factory=lambda: current_cause().correlation_id, init=False)
    causation_id: str | None = field(
        default_factory=lambda: current_cause().causation_id, init=False
    )

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__dict__.get("TOPIC"):
            register_topic(cls.TOPIC, cls)

    @staticmethod
    def create_timestamp() -> datetime:
        return clock.now()

    def mutate(self, aggregate: Any) -> Any:
        changed: Any = super().mutate(aggregate)
        changed.last_event = self
        return changed


@dataclass(frozen=True)
class Created(Event, AggregateCreated):
    """The first event of an aggregate; its tenant is the aggregate's tenant for ever."""

    def mutate(self, aggregate: Any) -> Any:
        created = AggregateCreated.mutate(self, aggregate)
        assert created is not None
        created.tenant_id = self.tenant_id
        created.last_event = self
        return created


class Root(BaseAggregate[UUID]):
    """An aggregate root. Subclasses set `TOPIC`, the prefix of their events' topics."""

    # Beside __dict__, by which aggregates are compared.
    __slots__ = ("_remembered",)

    if TYPE_CHECKING:  # real annotations would make the library generate an __init__
        tenant_id: UUID
        last_event: Event

    def remembered(self, kind: type[T], document: dict[str, Any]) -> T:
        """`from_plain`, read once for as long as this very document is given. For documents
        that are replaced and never changed."""
        known: tuple[dict[str, Any], T] | None = getattr(self, "_remembered", None)
        if known is None or known[0] is not document:
            known = self._remembered = (document, from_plain(kind, document))
        return known[1]
