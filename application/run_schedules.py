"""Seeing to what is due: a schedule fires once, and what it does is stored with how far it came.

Each step stores its distributions and its progress in one, so a worker that is killed at any
point leaves nothing half done: the next one goes on after the last step. Two at once cannot
store the same step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.distributions import requested
from deadwax.application.errors import Conflict, NotFound, NotYet
from deadwax.application.patience import Notice
from deadwax.application.planning import Pair, Planner
from deadwax.application.process import cause_of
from deadwax.application.schedules import Clock
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import DomainError, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release import Release
from deadwax.domain.schedule import Run, Schedule, ScheduleStatus, pair_of
from deadwax.domain.schedule_events import Plan
from deadwax.domain.schedule_terms import Action, Terms
from deadwax.domain.states import AT_WORK, GROUPS, Group, Status
from deadwax.domain.target import DeliveryTarget

STEP = 50
"""Distributions that are stored together."""

SELECTED: Mapping[Action, frozenset[Status]] = {
    Action.UPDATE: frozenset({Status.DISTRIBUTED, Status.LIVE, Status.UPDATED}),
    Action.TAKE_DOWN: frozenset(s for s in Status if GROUPS[s] is not Group.CLOSED)
    - {Status.TAKEDOWN_REQUESTED, Status.PURGE_REQUESTED},
    Action.REINSTATE: frozenset({Status.CANCELLED, Status.REMOVED, Status.PURGED}),
}
"""In which statuses a distribution is seen to."""


class Selecting(Protocol):
    """Finds the distributions that a schedule is for."""

    def select(
        self, tenant_id: UUID, terms: Terms, statuses: frozenset[Status], after: UUID | None
    ) -> Sequence[UUID]:
        """The first STEP in the order of their ids, after `after`. NotYet where what is read from
        has not seen all that happened before."""
        ...


class ScheduleRuns:
    """`worker` names the process; `notice` takes one log line."""

    def __init__(
        self,
        catalogue: Catalogue,
        planner: Planner,
        selecting: Selecting,
        clock: Clock,
        worker: str,
        notice: Notice,
    ) -> None:
        self._catalogue, self._planner, self._selecting = catalogue, planner, selecting
        self._clock, self._worker, self._notice = clock, worker, notice

    def advance(self, schedule_id: UUID, keep_going: Callable[[], bool]) -> None:
        """See to what is due, if anything is. Losing a race to another worker is no error."""
        schedule = self._catalogue.find(Schedule, schedule_id)
        if schedule is None:
            return
        try:
            with acting(cause_of(schedule, self._worker)):
                self._fire(schedule)
            if schedule.running:
                with acting(self._cause(schedule, schedule.running)):
                    while keep_going() and self._step(schedule_id):
                        pass
        except (Conflict, NotYet) as later:
            self._notice("schedule_waits", schedule_id=str(schedule_id), why=later.code)

    def replan(self, schedule_id: UUID) -> bool:
        """Take over release dates, deals and lead times that changed; False if none did."""
        schedule = self._catalogue.find(Schedule, schedule_id)
        if schedule is None or schedule.due_at is None:
            return False
        with acting(cause_of(schedule, self._worker)):
            self._take_over(schedule, min(self._clock(), schedule.due_at))
            return self._catalogue.save(schedule) > 0

    def _cause(self, schedule: Schedule, run: Run) -> Cause:
        actor = f"process:{self._worker}"
        return Cause(schedule.tenant_id, actor, run.occurrence, run.started_by)

    def _fire(self, schedule: Schedule) -> None:
        now, due_at = self._clock(), schedule.due_at
        if due_at is None or due_at > now:
            return
        self._take_over(schedule, due_at)
        due_at = schedule.due_at
        if due_at is not None and due_at <= now:
            schedule.fire(now, self._following(schedule, now), self._due(schedule, due_at, now))
        self._catalogue.save(schedule)

    def _take_over(self, schedule: Schedule, now: datetime) -> None:
        """A plan that cannot be made again stays as it is: what was planned is still wanted."""
        if not schedule.terms.before_release:
            return
        try:
            plan = self._planner.plan(schedule.terms, now, schedule.delivered)
        except (Refused, NotFound) as error:
            told = str(error)
            self._notice("schedule_not_planned", schedule_id=str(schedule.id), why=told)
            return
        schedule.replan(plan)

    def _following(self, schedule: Schedule, now: datetime) -> Plan:
        if schedule.terms.recurring:
            return self._planner.plan(schedule.terms, now)
        return schedule.plan[1:]

    @staticmethod
    def _due(schedule: Schedule, due_at: datetime, now: datetime) -> list[datetime]:
        if not schedule.terms.recurring:
            return [due_at]
        before = due_at - timedelta(microseconds=1)
        return schedule.terms.recurring.between(before, now) or [due_at]

    @redone_on_conflict
    def _step(self, schedule_id: UUID) -> bool:
        """See to the next distributions; False if none are left, or it was stopped."""
        schedule = self._catalogue.get(Schedule, schedule_id)
        run = schedule.running
        if run is None or schedule.status is not ScheduleStatus.ACTIVE:
            return False
        pairs = _pairs_of(run)
        ids = self._next(schedule, run, pairs)
        if not ids:
            schedule.end_run()
            self._catalogue.save(schedule)
            return False
        changed, refused = [], []
        with self._catalogue.reading_once():
            for id in ids:
                try:
                    found = self._see_to(schedule.terms, id, pairs.get(id))
                except (DomainError, NotFound) as error:
                    refused.append(_told(id, error))
                else:
                    changed += [found] if found and found.pending_events else []
        schedule.note(ids[-1], [d.id for d in changed], refused)
        self._catalogue.save(*changed, schedule)
        return True

    def _next(self, schedule: Schedule, run: Run, pairs: Mapping[UUID, Pair]) -> Sequence[UUID]:
        terms = schedule.terms
        if terms.action is Action.DELIVER:
            return [id for id in sorted(pairs) if run.after is None or id > run.after][:STEP]
        return self._selecting.select(schedule.tenant_id, terms, SELECTED[terms.action], run.after)

    def _see_to(self, terms: Terms, id: UUID, pair: Pair | None) -> Distribution | None:
        d = self._catalogue.find(Distribution, id)
        if pair is not None:
            return self._deliver(d, *pair)
        if d is None:
            return None
        if terms.action is Action.UPDATE:
            d.request_update(str(terms.reason))
        elif terms.action is Action.TAKE_DOWN:
            if d.status in AT_WORK and d.publishing:
                raise NotYet(f"The distribution {id} is being published.")
            d.request_takedown(str(terms.reason))
        else:
            return self._deliver(d, d.release_id, d.target_id)
        return d

    def _deliver(self, d: Distribution | None, release_id: UUID, target_id: UUID) -> Distribution:
        """What is at the platform already, or on its way there, stays as it is."""
        release = self._catalogue.get(Release, release_id)
        return requested(release, self._catalogue.get(DeliveryTarget, target_id), d, None)


def _pairs_of(run: Run) -> dict[UUID, Pair]:
    pairs = [pair_of(planned) for planned in run.pairs or ()]
    return {distribution_id(*pair): pair for pair in pairs}


def _told(id: UUID, error: DomainError | NotFound) -> dict[str, Any]:
    problems = error.problems if isinstance(error, Refused) else ()
    code = problems[0].code if problems else error.code
    return {"distribution_id": str(id), "code": code, "message": str(error)}
