"""Which releases come out when, on which targets, and whether the platforms have them in time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.errors import Conflict
from deadwax.application.run_schedules import ScheduleRuns
from deadwax.application.schedules import Clock
from deadwax.domain.cause import Cause, acting, current_cause
from deadwax.domain.date_warning import DateWarning
from deadwax.domain.release_planning import (
    NOT_WANTED,
    Dates,
    Opening,
    Punctuality,
    Verdict,
    judge,
    latest_of,
    out_at,
    words_of,
)
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget

LOOKS_BACK, LOOKS_AHEAD = timedelta(days=30), timedelta(days=400)
"""Releases that are out for longer, or not for so long yet, are not watched. No lead time is
longer than a year."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A release that is to come, or came, to a target, as the read models have it.
    `distribution_id`
    and `status` are None while a schedule alone wants it; `warned` the state and the reason that
    hold by the last warning."""

    release_id: UUID
    target_id: UUID
    distribution_id: UUID | None
    title: str | None
    release_date: date | None
    openings: tuple[Opening, ...]
    status: Status | None
    wanted_at: datetime
    planned: datetime | None
    delivered_at: datetime | None
    live_at: datetime | None
    warned: tuple[str, str] | None


class WantedReleases(Protocol):
    def between(
        self, tenant_id: UUID, begin: datetime, end: datetime, *, all_of_them: bool
    ) -> Sequence[Wanted]:
        """Those that are out somewhere from `begin` until before `end`; unless `all_of_them`,
        without those that were delivered and are not warned of."""
        ...

    def warned(self, tenant_id: UUID) -> Sequence[tuple[UUID, UUID]]:
        """Release and target of every warning that holds."""
        ...

    def planned_back(self, tenant_id: UUID) -> Sequence[UUID]:
        """The schedules that wait for a time planned back from release dates."""
        ...


@dataclass(frozen=True, kw_only=True)
class CalendarEntry:
    """One release on one target: when it is `out`, when the platform wants it at the `latest`, when
    it is sent if that is `planned` for later than now, and whether that is in time."""

    release_id: UUID
    target_id: UUID
    distribution_id: UUID | None
    platform: str
    title: str | None
    release_date: date | None
    out: datetime
    lead_hours: int | None
    latest: datetime
    status: Status | None
    planned: datetime | None
    delivered_at: datetime | None
    state: Punctuality
    why: str
    words: str


class Calendar:
    """Of the tenant that acts."""

    def __init__(self, catalogue: Catalogue, wanted: WantedReleases, clock: Clock) -> None:
        self._catalogue, self._wanted, self._clock = catalogue, wanted, clock

    def entries(self, begin: datetime, end: datetime) -> list[CalendarEntry]:
        """What is out from `begin` until before `end`, the first first."""
        tenant_id, now = current_cause().tenant_id, self._clock()
        wanted = self._wanted.between(tenant_id, begin, end, all_of_them=True)
        judged = self.judged(wanted, now)
        entries = [
            _entry(one, target, dates, verdict)
            for one, target, dates, verdict in judged
            if begin <= dates.out < end
        ]
        return sorted(entries, key=lambda e: (e.out, e.release_id, e.target_id))

    def judged(
        self, wanted: Sequence[Wanted], now: datetime
    ) -> list[tuple[Wanted, DeliveryTarget, Dates, Verdict]]:
        """Each that has a date, and how it stands at `now`."""
        with self._catalogue.reading_once():
            return [judged for one in wanted if (judged := self._judged(one, now))]

    def _judged(
        self, one: Wanted, now: datetime
    ) -> tuple[Wanted, DeliveryTarget, Dates, Verdict] | None:
        target = self._catalogue.get(DeliveryTarget, one.target_id)
        policy, recipient = target.settings.policy, target.settings.recipient.dpid
        out = out_at(one.openings, one.release_date, recipient, None)
        if out is None:
            return None
        pause = target.paused if target.paused and target.paused.holds(now) else None
        begins = [at for at in (one.planned, pause.until if pause else None) if at]
        dates = Dates(
            out=out,
            latest=latest_of(out, policy.lead_hours),
            wanted_at=one.wanted_at,
            planned=max(begins, default=None),
            delivered_at=one.delivered_at,
            live=one.live_at is not None,
            paused=pause is not None and pause.until is None,
            status=one.status,
        )
        return one, target, dates, judge(dates, policy, now)


def _entry(one: Wanted, target: DeliveryTarget, dates: Dates, verdict: Verdict) -> CalendarEntry:
    return CalendarEntry(
        release_id=one.release_id,
        target_id=one.target_id,
        distribution_id=one.distribution_id,
        platform=target.settings.platform,
        title=one.title,
        release_date=one.release_date,
        out=dates.out,
        lead_hours=target.settings.policy.lead_hours,
        latest=dates.latest,
        status=one.status,
        planned=one.planned,
        delivered_at=one.delivered_at,
        state=verdict.state,
        why=verdict.why,
        words=words_of(verdict.why),
    )


class DateWatch:
    """Looks at the dates of a tenant, warns of what may be too late, and takes back warnings that
    no longer hold. To look again changes nothing."""

    def __init__(
        self,
        catalogue: Catalogue,
        wanted: WantedReleases,
        calendar: Calendar,
        runs: ScheduleRuns,
        clock: Clock,
        worker: str,
    ) -> None:
        self._catalogue, self._wanted, self._calendar = catalogue, wanted, calendar
        self._runs, self._clock, self._worker = runs, clock, worker

    def watch(self, tenant_id: UUID) -> None:
        if self._replanned(tenant_id):
            return  # the read models do not have it yet; it is looked at again soon
        now = self._clock()
        with acting(Cause(tenant_id, f"process:{self._worker}", f"dates:{now.isoformat()}")):
            for id, verdict, dates in self._news(tenant_id, now):
                self._tell(*id, verdict, dates)

    def _replanned(self, tenant_id: UUID) -> bool:
        """Whether a schedule took over other dates just now."""
        changed = False
        for schedule_id in self._wanted.planned_back(tenant_id):
            with suppress(Conflict):  # it changed meanwhile
                changed |= self._runs.replan(schedule_id)
        return changed

    def _news(
        self, tenant_id: UUID, now: datetime
    ) -> Iterator[tuple[tuple[UUID, UUID], Verdict, Dates | None]]:
        """Release and target of which something else is true than was told last."""
        wanted = self._wanted.between(
            tenant_id, now - LOOKS_BACK, now + LOOKS_AHEAD, all_of_them=False
        )
        seen = set()
        for one, _, dates, verdict in self._calendar.judged(wanted, now):
            seen.add((one.release_id, one.target_id))
            told = one.warned or (Punctuality.ON_TIME.value, verdict.why)
            late = verdict.state is not Punctuality.ON_TIME or told[0] != Punctuality.ON_TIME
            if late and told != (verdict.state.value, verdict.why):
                yield (one.release_id, one.target_id), verdict, dates
        for id in self._wanted.warned(tenant_id):
            if id not in seen:
                yield id, Verdict(Punctuality.ON_TIME, NOT_WANTED), None

    @redone_on_conflict
    def _tell(
        self, release_id: UUID, target_id: UUID, verdict: Verdict, dates: Dates | None
    ) -> None:
        id = DateWarning.id_of(release_id, target_id)
        warning = self._catalogue.find(DateWarning, id)
        if warning is not None:
            warning.note(verdict, dates)
        elif dates is not None:
            warning = DateWarning.raise_for(release_id, target_id, verdict, dates)
        if warning is not None:
            self._catalogue.save(warning)
