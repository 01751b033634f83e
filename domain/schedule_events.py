"""What can happen to a schedule."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from deadwax.domain.aggregate import Created, Event
from deadwax.domain.changes import changed_by

if TYPE_CHECKING:
    from deadwax.domain.schedule import Schedule

Plan = list[dict[str, Any]]
"""What is still to come, the first first: {due_at} and, for deliveries, `pairs` of {release_id,
target_id} with `latest`, when the platform must have it, if that is known. Times are ISO, UTC."""


@dataclass(frozen=True)
class ScheduleCreated(Created):
    TOPIC = "schedule.created"
    terms: dict[str, Any]
    plan: Plan

    def apply(self, aggregate: Schedule) -> None:
        aggregate.begin(self.terms, self.plan)


@dataclass(frozen=True)
class ScheduleChanged(Event):
    """`changes` maps each changed field of the terms to {"from": old, "to": new}."""

    TOPIC = "schedule.changed"
    changes: dict[str, Any]
    plan: Plan

    def apply(self, aggregate: Schedule) -> None:
        aggregate.document = changed_by(aggregate.document, self.changes)
        aggregate.plan = self.plan


@dataclass(frozen=True)
class SchedulePlanned(Event):
    """Release dates, deals or lead times changed, and with them the plan."""

    TOPIC = "schedule.planned"
    plan: Plan

    def apply(self, aggregate: Schedule) -> None:
        aggregate.plan = self.plan


@dataclass(frozen=True)
class Turned(Event):
    """Base: `status` is the status after the event."""

    status: str

    def apply(self, aggregate: Schedule) -> None:
        aggregate.turn(self.status)


@dataclass(frozen=True)
class SchedulePaused(Turned):
    TOPIC = "schedule.paused"
    reason: str


@dataclass(frozen=True)
class ScheduleResumed(Turned):
    TOPIC = "schedule.resumed"
    plan: Plan

    def apply(self, aggregate: Schedule) -> None:
        super().apply(aggregate)
        aggregate.plan = self.plan


@dataclass(frozen=True)
class ScheduleCancelled(Turned):
    TOPIC = "schedule.cancelled"
    reason: str


@dataclass(frozen=True)
class ScheduleMissed(Event):
    """`times` passed, from `first` to `last`, without being seen to: nothing was running, or it was
    paused. The last of them is made up for now, the others are not."""

    TOPIC = "schedule.missed"
    times: int
    first: str
    last: str

    def apply(self, aggregate: Schedule) -> None:
        """It changes nothing of what is to come."""


@dataclass(frozen=True)
class ScheduleFired(Event):
    """Its time has come for the `number`th time; `plan` is what is to come after."""

    TOPIC = "schedule.fired"
    occurrence: str
    number: int
    due_at: str
    pairs: list[dict[str, Any]] | None
    plan: Plan

    def apply(self, aggregate: Schedule) -> None:
        aggregate.start_run(self)


@dataclass(frozen=True)
class ScheduleProgressed(Event):
    """Some distributions were seen to, in the order of their ids up to `after`: those `changed`,
    and those `refused`, each {distribution_id, code, message}. Stored in one with what changed."""

    TOPIC = "schedule.progressed"
    occurrence: str
    after: str
    changed: list[str]
    refused: list[dict[str, Any]]

    def apply(self, aggregate: Schedule) -> None:
        aggregate.note_progress(self)


@dataclass(frozen=True)
class ScheduleRunEnded(Turned):
    """All of an occurrence was seen to: how many changed, how many refused."""

    TOPIC = "schedule.run_ended"
    occurrence: str
    changed: int
    refused: int

    def apply(self, aggregate: Schedule) -> None:
        super().apply(aggregate)
        aggregate.running = None
