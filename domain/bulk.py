"""A bulk job: one action on many distributions, checked first, then carried out bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Root
from deadwax.domain.bulk_events import (
    BulkContinued,
    BulkPlanned,
    BulkStarted,
    BulkStatus,
    BulkStopped,
    ItemsCarriedOut,
    ItemsChecked,
    ResultsRecorded,
)
from deadwax.domain.bulk_terms import BulkOrder, Outcome, Plan, Tally
from deadwax.domain.errors import IllegalTransition, Problem, Refused
from deadwax.domain.plain import from_plain, to_plain

BULK_MOVES: dict[BulkStatus, frozenset[BulkStatus]] = {
    BulkStatus.PLANNED: frozenset({BulkStatus.CHECKING, BulkStatus.CHECKED, BulkStatus.STOPPED}),
    BulkStatus.CHECKING: frozenset({BulkStatus.CHECKED, BulkStatus.STOPPED}),
    BulkStatus.CHECKED: frozenset({BulkStatus.RUNNING, BulkStatus.STOPPED}),
    BulkStatus.RUNNING: frozenset({BulkStatus.FINISHED, BulkStatus.STOPPED}),
    BulkStatus.STOPPED: frozenset(
        {BulkStatus.PLANNED, BulkStatus.CHECKING, BulkStatus.CHECKED, BulkStatus.RUNNING}
    ),
    BulkStatus.FINISHED: frozenset(),
}

WAITING_FOR_WORKER = frozenset({BulkStatus.PLANNED, BulkStatus.CHECKING, BulkStatus.RUNNING})
"""A worker should go on with it now."""

_EXAMPLES = 5
"""Refused items that the event of a bit of the check names in full."""


class BulkJob(Root):
    """`checked` and `done` say how many items of the plan, from its first, were checked and
    carried out: that is where the next bit begins, whoever takes it. `before` is what it was
    when it was stopped."""

    TOPIC = "bulk"

    if TYPE_CHECKING:
        order: BulkOrder
        plan: Plan
        run_when_checked: bool
        status: BulkStatus
        before: BulkStatus
        checked: int
        done: int

    @classmethod
    def begin(
        cls,
        id: UUID,
        order: BulkOrder,
        plan: Plan,
        selection: dict[str, Any],
        *,
        run_when_checked: bool,
    ) -> Self:
        """`selection` tells how the items of the plan were chosen, in plain JSON. Raises Refused
        for a plan without any."""
        if plan.items == 0:
            problem = Problem(
                "selection_empty",
                "selection",
                "Nothing is selected.",
                "Name releases and targets, or a filter that something meets.",
            )
            raise Refused("There is nothing to do", [problem])
        return cls._create(
            BulkPlanned,
            id=id,
            order=to_plain(order),
            plan=to_plain(plan),
            selection=selection,
            run_when_checked=run_when_checked,
            status=BulkStatus.PLANNED.value,
        )

    @property
    def allowed(self) -> list[str]:
        """The statuses that it can move to now."""
        if self.status is BulkStatus.STOPPED:
            return [self.before.value]
        return sorted(BULK_MOVES[self.status])

    # -- a worker's commands

    def note_checked(self, results: list[Outcome]) -> None:
        """What would become of the next items; after the last one it is checked."""
        if self.status not in (BulkStatus.PLANNED, BulkStatus.CHECKING):
            raise self._illegal("checked")
        first, to = self.checked, self._end(self.checked, results)
        last = to == self.plan.items
        refused = [r for r in results if r.problem]
        self.trigger_event(
            ItemsChecked,
            first=first,
            count=len(results),
            tally=to_plain(Tally.of(results)),
            examples=to_plain(refused[:_EXAMPLES]),
            status=(BulkStatus.CHECKED if last else BulkStatus.CHECKING).value,
        )
        if last and self.run_when_checked:
            self.start()

    def note_done(self, results: list[Outcome]) -> BulkResults:
        """What became of the next items; after the last one it is finished. The results in full
        are to be saved together with it."""
        if self.status is not BulkStatus.RUNNING:
            raise self._illegal("carried out")
        first, to = self.done, self._end(self.done, results)
        status = BulkStatus.FINISHED if to == self.plan.items else BulkStatus.RUNNING
        self.trigger_event(
            ItemsCarriedOut,
            first=first,
            count=len(results),
            tally=to_plain(Tally.of(results)),
            status=status.value,
        )
        return BulkResults.record(self.id, first, results)

    # -- what people ask for

    def start(self) -> None:
        """Carry out what was checked; what would be refused is refused then, each by itself."""
        self._require(BulkStatus.RUNNING, BulkStatus.CHECKED)
        self.trigger_event(BulkStarted, status=BulkStatus.RUNNING.value)

    def stop(self, reason: str) -> None:
        """Leave the rest as it is until it is continued; what was done stays done."""
        if BulkStatus.STOPPED not in BULK_MOVES[self.status]:
            raise self._illegal(BulkStatus.STOPPED)
        self.trigger_event(BulkStopped, reason=reason, status=BulkStatus.STOPPED.value)

    def go_on(self) -> None:
        """Go on where it was stopped."""
        self._require("continued", BulkStatus.STOPPED)
        self.trigger_event(BulkContinued, status=self.before.value)

    # --

    def _end(self, first: int, results: list[Outcome]) -> int:
        end = first + len(results)
        if not results or end > self.plan.items:
            raise ValueError("A bit of a plan has items, and not more than are left.")
        return end

    def _require(self, wanted: str, status: BulkStatus) -> None:
        if self.status is not status:
            raise self._illegal(wanted)

    def _illegal(self, wanted: str) -> IllegalTransition:
        return IllegalTransition("bulk job", self.status, wanted, self.allowed)

    # -- called by events: these only assign

    def plan_it(self, event: BulkPlanned) -> None:
        self.order = from_plain(BulkOrder, event.order)
        self.plan = from_plain(Plan, event.plan)
        self.run_when_checked = event.run_when_checked
        self.status = self.before = BulkStatus(event.status)
        self.checked = self.done = 0


class BulkResults(Root):
    """What became of some items of a bulk job, each by itself; it never changes."""

    TOPIC = "bulk_results"

    @classmethod
    def record(cls, bulk_id: UUID, first: int, results: list[Outcome]) -> Self:
        return cls._create(
            ResultsRecorded,
            id=uuid5(bulk_id, f"results:{first}"),
            bulk_id=str(bulk_id),
            first=first,
            results=to_plain(results),
        )
