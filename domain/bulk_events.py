"""What can happen to a bulk job. Every event says which status it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from deadwax.domain.aggregate import Created, Event

if TYPE_CHECKING:
    from deadwax.domain.bulk import BulkJob


class BulkStatus(StrEnum):
    PLANNED = "planned"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    STOPPED = "stopped"
    FINISHED = "finished"


@dataclass(frozen=True)
class BulkPlanned(Created):
    """`order` is a BulkOrder, `plan` a Plan, `selection` how its items were chosen."""

    TOPIC = "bulk.planned"
    order: dict[str, Any]
    plan: dict[str, Any]
    selection: dict[str, Any]
    run_when_checked: bool
    status: str

    def apply(self, aggregate: BulkJob) -> None:
        aggregate.plan_it(self)


@dataclass(frozen=True)
class BulkMoved(Event):
    """Base: `status` is the status after the event."""

    status: str

    def apply(self, aggregate: BulkJob) -> None:
        aggregate.status = BulkStatus(self.status)


@dataclass(frozen=True)
class ItemsChecked(BulkMoved):
    """What would become of `count` items from number `first` on, which nothing was done to.
    `tally` is a Tally; `examples` are the first Outcomes among them that would be refused."""

    TOPIC = "bulk.items_checked"
    first: int
    count: int
    tally: dict[str, Any]
    examples: list[dict[str, Any]]

    def apply(self, aggregate: BulkJob) -> None:
        super().apply(aggregate)
        aggregate.checked = self.first + self.count


@dataclass(frozen=True)
class BulkStarted(BulkMoved):
    TOPIC = "bulk.started"


@dataclass(frozen=True)
class ItemsCarriedOut(BulkMoved):
    """What became of `count` items from number `first` on: the results themselves stand in a
    stream of their own, so that a job of any size is loaded quickly."""

    TOPIC = "bulk.items_carried_out"
    first: int
    count: int
    tally: dict[str, Any]

    def apply(self, aggregate: BulkJob) -> None:
        super().apply(aggregate)
        aggregate.done = self.first + self.count


@dataclass(frozen=True)
class BulkStopped(BulkMoved):
    TOPIC = "bulk.stopped"
    reason: str

    def apply(self, aggregate: BulkJob) -> None:
        aggregate.before = aggregate.status
        super().apply(aggregate)


@dataclass(frozen=True)
class BulkContinued(BulkMoved):
    TOPIC = "bulk.continued"


@dataclass(frozen=True)
class ResultsRecorded(Created):
    """`results` are Outcomes, in the order of the plan from item number `first` on."""

    TOPIC = "bulk_results.recorded"
    bulk_id: str
    first: int
    results: list[dict[str, Any]]
