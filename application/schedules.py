"""What people ask of schedules: make, change, pause, resume, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID, uuid4

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.planning import Planner
from deadwax.domain.release import Release
from deadwax.domain.schedule import Schedule
from deadwax.domain.schedule_events import Plan
from deadwax.domain.schedule_terms import Terms
from deadwax.domain.target import DeliveryTarget

Clock = Callable[[], datetime]
"""The time by which schedules fire, in UTC: one clock for all processes."""


class Schedules:
    """Every command returns what it changed and the log position of its last event."""

    def __init__(self, catalogue: Catalogue, planner: Planner, clock: Clock) -> None:
        self._catalogue, self._planner, self._clock = catalogue, planner, clock

    def get(self, id: UUID) -> Schedule:
        return self._catalogue.get(Schedule, id)

    def create(self, terms: Terms) -> tuple[Schedule, int]:
        """Raises NotFound for releases and targets that the tenant does not have, Refused if
        nothing of it is to come or it cannot be planned."""
        self._check(terms)
        schedule = Schedule.create(uuid4(), terms, self._planner.plan(terms, self._clock()))
        return schedule, self._catalogue.save(schedule)

    @redone_on_conflict
    def amend(self, id: UUID, terms: Terms, version: int | None) -> tuple[Schedule, int]:
        schedule = self._catalogue.get(Schedule, id, version)
        self._check(terms)
        schedule.amend(terms, self._planner.plan(terms, self._clock(), schedule.delivered))
        return schedule, self._catalogue.save(schedule)

    @redone_on_conflict
    def pause(self, id: UUID, reason: str) -> tuple[Schedule, int]:
        schedule = self._catalogue.get(Schedule, id)
        schedule.pause(reason)
        return schedule, self._catalogue.save(schedule)

    @redone_on_conflict
    def resume(self, id: UUID) -> tuple[Schedule, int]:
        """What recurs goes on with its next time; what was to happen once and is overdue happens
        now."""
        schedule = self._catalogue.get(Schedule, id)
        schedule.resume(self._still_to_come(schedule))
        return schedule, self._catalogue.save(schedule)

    @redone_on_conflict
    def cancel(self, id: UUID, reason: str) -> tuple[Schedule, int]:
        schedule = self._catalogue.get(Schedule, id)
        schedule.cancel(reason)
        return schedule, self._catalogue.save(schedule)

    def _still_to_come(self, schedule: Schedule) -> Plan:
        if schedule.terms.at:
            return schedule.plan
        return self._planner.plan(schedule.terms, self._clock(), schedule.delivered)

    def _check(self, terms: Terms) -> None:
        for release_id in terms.releases:
            self._catalogue.get(Release, release_id)
        for target_id in terms.targets:
            self._catalogue.get(DeliveryTarget, target_id)
