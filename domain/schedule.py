"""The Schedule aggregate: what is to be done at a time, once or again and again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Root
from deadwax.domain.changes import changes_between
from deadwax.domain.errors import IllegalTransition, Problem, Refused
from deadwax.domain.plain import to_plain
from deadwax.domain.schedule_events import (
    Plan,
    ScheduleCancelled,
    ScheduleChanged,
    ScheduleCreated,
    ScheduleFired,
    ScheduleMissed,
    SchedulePaused,
    SchedulePlanned,
    ScheduleProgressed,
    ScheduleResumed,
    ScheduleRunEnded,
)
from deadwax.domain.schedule_terms import Terms

GRACE = timedelta(minutes=15)
"""What fires later than this after its time was missed, and that is told."""


class ScheduleStatus(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    FINISHED = "finished"


SCHEDULE_MOVES: dict[ScheduleStatus, frozenset[ScheduleStatus]] = {
    ScheduleStatus.ACTIVE: frozenset(
        {ScheduleStatus.PAUSED, ScheduleStatus.CANCELLED, ScheduleStatus.FINISHED}
    ),
    ScheduleStatus.PAUSED: frozenset({ScheduleStatus.ACTIVE, ScheduleStatus.CANCELLED}),
    ScheduleStatus.CANCELLED: frozenset(),
    ScheduleStatus.FINISHED: frozenset(),
}


def pair_of(planned: dict[str, Any]) -> tuple[UUID, UUID]:
    """Release and target of a pair as a plan has it."""
    return UUID(planned["release_id"]), UUID(planned["target_id"])


@dataclass(frozen=True)
class Run:
    """An occurrence that is being seen to: of the distributions, all up to `after` in the order
    of their ids, None before the first. `pairs` are a delivery's."""

    occurrence: str
    started_by: str
    pairs: list[dict[str, Any]] | None
    after: UUID | None = None
    changed: int = 0
    refused: int = 0


class Schedule(Root):
    """`plan` is what is to come, `running` the occurrence that is being seen to, `fired` how many
    there were, `delivered` the pairs of release and target that had their turn."""

    TOPIC = "schedule"

    if TYPE_CHECKING:
        document: dict[str, Any]
        status: ScheduleStatus
        plan: Plan
        running: Run | None
        fired: int
        delivered: frozenset[tuple[UUID, UUID]]

    @classmethod
    def create(cls, schedule_id: UUID, terms: Terms, plan: Plan) -> Self:
        """Refused if nothing is to come."""
        _require_plan(plan)
        return cls._create(ScheduleCreated, id=schedule_id, terms=to_plain(terms), plan=plan)

    @property
    def terms(self) -> Terms:
        return self.remembered(Terms, self.document)

    @property
    def due_at(self) -> datetime | None:
        """When it fires next; None if it does not."""
        waits = self.status is ScheduleStatus.ACTIVE and not self.running and self.plan
        return datetime.fromisoformat(self.plan[0]["due_at"]) if waits else None

    # -- what people ask for

    def amend(self, terms: Terms, plan: Plan) -> None:
        """Replace the terms; nothing if they are the same. Not while it is at work."""
        if self.status not in (ScheduleStatus.ACTIVE, ScheduleStatus.PAUSED) or self.running:
            raise self._illegal("changed")
        changes = changes_between(to_plain(self.terms), to_plain(terms))
        if changes:
            _require_plan(plan)
            self.trigger_event(ScheduleChanged, changes=changes, plan=plan)

    def pause(self, reason: str) -> None:
        """Hold it, also in the midst of its work."""
        self._move(ScheduleStatus.PAUSED, SchedulePaused, reason=reason)

    def resume(self, plan: Plan) -> None:
        """Go on, by a new plan; what is under way is finished first."""
        self._move(ScheduleStatus.ACTIVE, ScheduleResumed, plan=plan)

    def cancel(self, reason: str) -> None:
        self._move(ScheduleStatus.CANCELLED, ScheduleCancelled, reason=reason)

    # -- what happens by itself

    def replan(self, plan: Plan) -> None:
        """Take over another plan, while nothing of it is under way."""
        if self.status is ScheduleStatus.ACTIVE and not self.running and plan != self.plan:
            self.trigger_event(SchedulePlanned, plan=plan)

    def fire(self, now: datetime, plan: Plan, due: list[datetime]) -> None:
        """Begin what is due first; `due` are all the times that have come, `plan` is what comes
        after them. Times that were missed are told, and made up for once."""
        if self.due_at is None or self.due_at > now:
            raise self._illegal("fired")
        if due[-1] < now - GRACE or len(due) > 1:
            self.trigger_event(
                ScheduleMissed,
                times=len(due),
                first=due[0].isoformat(),
                last=due[-1].isoformat(),
            )
        number = self.fired + 1
        self.trigger_event(
            ScheduleFired,
            occurrence=str(uuid5(self.id, str(number))),
            number=number,
            due_at=due[-1].isoformat(),
            pairs=self.plan[0].get("pairs"),
            plan=plan,
        )

    def note(self, after: UUID, changed: list[UUID], refused: list[dict[str, Any]]) -> None:
        """Distributions up to `after` were seen to."""
        run = self._at_work("advanced")
        self.trigger_event(
            ScheduleProgressed,
            occurrence=run.occurrence,
            after=str(after),
            changed=[str(id) for id in changed],
            refused=refused,
        )

    def end_run(self) -> None:
        """Nothing of the occurrence is left; it is finished if nothing is to come."""
        run = self._at_work("ended")
        to = ScheduleStatus.ACTIVE if self.plan else ScheduleStatus.FINISHED
        self.trigger_event(
            ScheduleRunEnded,
            status=to.value,
            occurrence=run.occurrence,
            changed=run.changed,
            refused=run.refused,
        )

    # -- called by events: these only assign

    def begin(self, terms: dict[str, Any], plan: Plan) -> None:
        self.document, self.plan = terms, plan
        self.status, self.running, self.fired = ScheduleStatus.ACTIVE, None, 0
        self.delivered = frozenset()

    def turn(self, status: str) -> None:
        self.status = ScheduleStatus(status)

    def start_run(self, event: ScheduleFired) -> None:
        self.running = Run(event.occurrence, str(event.event_id), event.pairs)
        self.plan, self.fired = event.plan, event.number
        self.delivered |= {pair_of(pair) for pair in event.pairs or ()}

    def note_progress(self, event: ScheduleProgressed) -> None:
        if self.running:
            self.running = replace(
                self.running,
                after=UUID(event.after),
                changed=self.running.changed + len(event.changed),
                refused=self.running.refused + len(event.refused),
            )

    # -- rules

    def _at_work(self, wanted: str) -> Run:
        if self.running is None or self.status is not ScheduleStatus.ACTIVE:
            raise self._illegal(wanted)
        return self.running

    def _move(self, to: ScheduleStatus, event: type, **fields: Any) -> None:
        if to not in SCHEDULE_MOVES[self.status]:
            raise self._illegal(to)
        self.trigger_event(event, status=to.value, **fields)

    def _illegal(self, wanted: str) -> IllegalTransition:
        return IllegalTransition("schedule", self.status, wanted, SCHEDULE_MOVES[self.status])


def _require_plan(plan: Plan) -> None:
    if not plan:
        problem = Problem(
            "schedule_in_the_past",
            "",
            "Nothing of it is still to come.",
            "Give a time to come.",
        )
        raise Refused("The schedule was not taken", [problem])
