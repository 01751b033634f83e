"""Bulk jobs: planned at once whatever their size, then checked and carried out bit by bit.

What is done to the distributions of a bit is stored together with how far the job is, so a
worker may be killed at any point: the next one goes on there, and nothing is done twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID, uuid4

from deadwax.application.bulk_actions import Items, broken, decide
from deadwax.application.bulk_selection import (
    Choosing,
    Pair,
    PlanDamaged,
    Selection,
    keep_plan,
    pairs_of,
    read_plan,
)
from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.distributions import refuse_past
from deadwax.application.errors import Conflict, NotFound
from deadwax.application.log import LogUnavailable
from deadwax.application.patience import Notice
from deadwax.application.ports import AssetStore
from deadwax.application.process import cause_of
from deadwax.domain.bulk import WAITING_FOR_WORKER, BulkJob
from deadwax.domain.bulk_events import BulkStatus
from deadwax.domain.bulk_terms import BulkOrder, Outcome
from deadwax.domain.cause import acting, current_cause

MOST_AT_ONCE = 250
"""Items of one bit: what one transaction stores."""
_TURN_SECONDS = 2.0
"""How long a worker stays at a job before others have their turn."""


class Bulk:
    """Commands return the job and the log position of its last event."""

    def __init__(
        self,
        catalogue: Catalogue,
        assets: AssetStore,
        choosing: Choosing,
        worker: str,
        notice: Notice,
    ) -> None:
        self._catalogue, self._assets, self._choosing = catalogue, assets, choosing
        self._worker, self._notice = worker, notice

    # -- what people ask for

    def plan(
        self, order: BulkOrder, selection: Selection, *, run_when_checked: bool
    ) -> tuple[BulkJob, int]:
        """Note what is to be done to which distributions; a worker goes on from there. What is
        chosen is fixed now. Raises Refused."""
        refuse_past(order.effective)
        tenant_id = current_cause().tenant_id
        plan = keep_plan(pairs_of(order.action, selection, tenant_id, self._choosing), self._assets)
        job = BulkJob.begin(
            uuid4(), order, plan, selection.described(), run_when_checked=run_when_checked
        )
        return job, self._catalogue.save(job)

    def start(self, id: UUID) -> tuple[BulkJob, int]:
        return self._change(id, BulkJob.start)

    def stop(self, id: UUID, reason: str) -> tuple[BulkJob, int]:
        """Until it is continued. The bit under way is done, or not at all."""
        return self._change(id, lambda job: job.stop(reason))

    def go_on(self, id: UUID) -> tuple[BulkJob, int]:
        return self._change(id, BulkJob.go_on)

    def get(self, id: UUID) -> BulkJob:
        return self._catalogue.get(BulkJob, id)

    @redone_on_conflict
    def _change(self, id: UUID, command: Callable[[BulkJob], None]) -> tuple[BulkJob, int]:
        job = self._catalogue.get(BulkJob, id)
        command(job)
        return job, self._catalogue.save(job)

    # -- what workers do

    def advance(self, id: UUID, keep_going: Callable[[], bool]) -> bool:
        """Go on with a job for a while; whether there is more to do. Safe to run twice, at once,
        or again after a crash at any point."""
        until, most = time.monotonic() + _TURN_SECONDS, MOST_AT_ONCE
        version = None
        while (job := self._catalogue.find(BulkJob, id)) and job.status in WAITING_FOR_WORKER:
            if time.monotonic() > until or not keep_going():
                return True
            if version not in (None, job.version):
                return False  # another worker is at it
            before = job.version
            try:
                with acting(cause_of(job, self._worker)):
                    self._some(job, most)
            except Conflict:  # of one of the distributions, if not of the job: fewer at once
                version, most = before, max(1, most // 2)
            else:
                version, most = None, MOST_AT_ONCE
        return False

    def _some(self, job: BulkJob, most: int) -> None:
        """Check or carry out the next items, and store both together."""
        runs = job.status is BulkStatus.RUNNING
        try:
            pairs = read_plan(job.plan, self._assets, job.done if runs else job.checked, most)
        except (NotFound, PlanDamaged) as broken:
            job.stop(str(broken))
            self._catalogue.save(job)
            return
        items = Items(self._catalogue, job.order.action, pairs)
        outcomes = [self._outcome(job, items, pair) for pair in pairs]
        if runs:
            results = job.note_done(outcomes)
            self._catalogue.save(*items.changed(), results, job)
        else:
            job.note_checked(outcomes)
            self._catalogue.save(job)
        if job.status not in WAITING_FOR_WORKER:
            self._notice(f"bulk_{job.status}", bulk_id=str(job.id), items=job.plan.items)

    def _outcome(self, job: BulkJob, items: Items, pair: Pair) -> Outcome:
        """A fault of ours is told of the one that met it, and does not hold up the others."""
        try:
            return decide(job.order, items, pair)
        except LogUnavailable:  # no item's fault: the whole bit is tried again
            raise
        except Exception as error:
            release_id, target_id = map(str, pair)
            self._notice(
                "bulk_item_broke",
                bulk_id=str(job.id),
                release_id=release_id,
                target_id=target_id,
                exc_info=True,
            )
            return broken(items, pair, error)
