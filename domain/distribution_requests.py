"""What people ask of a distribution, or state about it, as events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from deadwax.domain.aggregate import Event
from deadwax.domain.distribution_events import Moved
from deadwax.domain.priority import Priority
from deadwax.domain.states import Status

if TYPE_CHECKING:
    from deadwax.domain.distribution_state import DistributionState


@dataclass(frozen=True)
class Prioritised(Event):
    """It is to be delivered sooner or later than the others that wait for its target."""

    TOPIC = "distribution.prioritised"
    priority: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.priority = Priority(self.priority)


@dataclass(frozen=True)
class UpdateRequested(Moved):
    """`forced`: the whole message with all files, also if nothing changed."""

    TOPIC = "distribution.update_requested"
    class_version: ClassVar[int] = 2
    reason: str
    forced: bool

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["forced"] = False

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.start_update(forced=self.forced)
        aggregate.waits_since = self.timestamp
        super().apply(aggregate)


@dataclass(frozen=True)
class UpdateFoundUnchanged(Moved):
    """The update would have said what the platform knows already, so nothing was sent; `kind`
    and `message_id` are those of the message that stands."""

    TOPIC = "distribution.update_found_unchanged"
    kind: str
    message_id: str | None

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.end_update()


@dataclass(frozen=True)
class TakedownRequested(Moved):
    """`effective` is a Moment in the future by which the deals end; None: at once."""

    TOPIC = "distribution.takedown_requested"
    class_version: ClassVar[int] = 2
    reason: str
    effective: str | None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["effective"] = None

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.start_afresh("takedown", self.effective)
        aggregate.waits_since = self.timestamp


@dataclass(frozen=True)
class PurgeRequested(Moved):
    """What was taken down is to be deleted for good; `icpn` is how that was confirmed."""

    TOPIC = "distribution.purge_requested"
    reason: str
    icpn: str

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.start_afresh("purge")
        aggregate.waits_since = self.timestamp


@dataclass(frozen=True)
class Cancelled(Moved):
    TOPIC = "distribution.cancelled"
    reason: str


@dataclass(frozen=True)
class Suspended(Moved):
    TOPIC = "distribution.suspended"
    reason: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.suspended_from = aggregate.status
        super().apply(aggregate)


@dataclass(frozen=True)
class StatusOverridden(Moved):
    """A person says where it stands, against what was seen; `was` is the status before."""

    TOPIC = "distribution.status_overridden"
    was: str
    reason: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.note_stated(Status(self.status), f"stated.{self.originator_version}")
        super().apply(aggregate)


@dataclass(frozen=True)
class Assigned(Event):
    """Somebody looks after what went wrong; None: nobody does any more."""

    TOPIC = "distribution.assigned"
    assignee: str | None
    note: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.assignee = self.assignee
