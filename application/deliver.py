"""Moving a distribution on: one step of work, decided by the state it is in.

Safe to run twice, at once, or again after a crash at any point: the log decides who holds
the lease, and the server is asked what it has before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from deadwax.application.admission import Admission
from deadwax.application.attempt import Attempts
from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.errors import Conflict
from deadwax.application.forms import RenditionMissing
from deadwax.application.gate import Gate, Wait, WaitReason
from deadwax.application.patience import Notice, Patience
from deadwax.application.ports import AssetStore, Couriers, Leases, Progress, Waiting
from deadwax.application.process import Process, cause_of
from deadwax.application.receipts import Receipts
from deadwax.application.reconcile import Reconciler, lead_time, unanswered
from deadwax.application.rendering import BROKEN_FOR
from deadwax.domain import clock
from deadwax.domain.adapted import form_of
from deadwax.domain.cause import acting
from deadwax.domain.choreography import Gathering
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import LeaseLost, Problem, Refused
from deadwax.domain.failures import FailureCategory, category_of
from deadwax.domain.release import Release
from deadwax.domain.states import AT_WORK, Status
from deadwax.domain.target import DeliveryTarget, TargetSettings


class Deliveries:
    """`keep_going` turns False when the process is to stop; `notice` takes one log line."""

    def __init__(
        self,
        catalogue: Catalogue,
        composer: Composer,
        assets: AssetStore,
        couriers: Couriers,
        leases: Leases,
        gate: Gate,
        waiting: Waiting,
        progress: Progress,
        receipts: Receipts,
        patience: Patience,
        worker: str,
        notice: Notice,
    ) -> None:
        self._catalogue, self._composer = catalogue, composer
        self._waiting, self._patience = waiting, patience
        self._worker, self._notice = worker, notice
        self._admission = Admission(catalogue, gate, notice, patience.lease)
        process = Process(worker, notice)
        self._reconciler = Reconciler(catalogue, assets, couriers, receipts, patience, process)
        self._attempts = Attempts(
            catalogue, composer, assets, couriers, leases, progress, receipts, patience, process
        )

    def advance(self, distribution_id: UUID, keep_going: Callable[[], bool]) -> Wait | None:
        """Take the next step, if one is due. Losing a race to another worker is no error.

        What it waits for, where it is due and nothing was done; None otherwise.
        """
        distribution = self._catalogue.find(Distribution, distribution_id)
        if distribution is None:
            return None
        with acting(cause_of(distribution, self._worker)):
            try:
                return self._step(distribution, keep_going)
            except (Conflict, LeaseLost):
                self._say(distribution, "overtaken")
        return None

    def _step(self, d: Distribution, keep_going: Callable[[], bool]) -> Wait | None:
        now = clock.now()
        due = d.due_at is None or datetime.fromisoformat(d.due_at) <= now
        if d.status in (Status.CREATED, Status.VALIDATING):
            return self._validate(d, now)
        elif d.status is Status.SCHEDULED and due:
            d.come_due()
            self._catalogue.save(d)
        elif _is_due(d, now):
            return self._send(d, now, keep_going)
        elif d.status is Status.OUTCOME_UNKNOWN:
            return self._look(d, now)
        return None

    def reclaim(self, distribution_id: UUID, token: int) -> None:
        """Take the lease from an attempt that went silent."""
        distribution = self._catalogue.find(Distribution, distribution_id)
        if distribution is None or distribution.status not in AT_WORK:
            return
        with acting(cause_of(distribution, self._worker)):
            try:
                distribution.give_back(token, "lease_expired")
                self._catalogue.save(distribution)
            except (Conflict, LeaseLost):
                pass  # it was alive after all

    def give_up_waiting(self, distribution_id: UUID) -> None:
        """Tell a person that the platform did not answer in time: within the lead time of its
        target, or the usual one."""
        d = self._catalogue.find(Distribution, distribution_id)
        if d is None or d.status is not Status.PROCESSING_BY_PLATFORM:
            return
        target = self._catalogue.find(DeliveryTarget, d.target_id)
        if target and clock.now() - d.awaited_since < lead_time(target, self._patience):
            return
        with acting(cause_of(d, self._worker)), suppress(Conflict):  # then it did answer
            d.need_attention(FailureCategory.API_UNAVAILABLE, [unanswered(d)])
            self._catalogue.save(d)

    # -- before sending

    def _validate(self, d: Distribution, now: datetime) -> Wait | None:
        waiting_since = d.since
        d.start_validation()
        try:
            self._composer.rehearse(d)
        except RenditionMissing:
            self._catalogue.save(d)
            return self._rendering(d, now)
        except Refused as refused:
            d.need_attention(category_of(refused.problems), list(refused.problems))
        except Exception as error:
            if now - waiting_since < BROKEN_FOR:
                raise
            self._say(d, "validation_broke", exc_info=True)
            d.need_attention(FailureCategory.UNKNOWN, [_broken(error)])
        else:
            d.pass_validation(now)
        self._catalogue.save(d)
        return None

    # -- sending

    def _send(self, d: Distribution, now: datetime, keep_going: Callable[[], bool]) -> Wait | None:
        """Attempt to deliver it, with the others that wait if its target gathers them; or say
        what it waits for."""
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        settings = target.settings
        if wait := self._admission.held_back(d, target):
            return wait
        if self._lacks_renditions(d, settings):
            return self._rendering(d, now)
        gathering = settings.choreography.gathering
        members = [d]
        if gathering and not d.is_suspect and not self._resumed(d, members, gathering, now):
            self._gather(d, members, settings, gathering, now)
            seconds = self._seconds_to_gather(members, gathering, now)
            if seconds > 0:
                return Wait(WaitReason.GATHERING, seconds, d.id, d.version)
        if wait := self._admission.enter(d, target):
            return wait
        failed = None
        try:
            failed = self._attempts.run(members, keep_going)
        finally:
            self._admission.leave(d.id, d, target, failed)
        return None

    def _look(self, d: Distribution, now: datetime) -> Wait | None:
        """At the server, for what became of a message; more rarely the longer that is unknown."""
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        if wait := self._admission.held_back(d, target):
            return wait
        version = d.version
        self._reconciler.reconcile(d, now)
        if d.version > version:
            return None
        seconds = min(max((now - d.since).total_seconds(), 2.0), _LONGEST_BETWEEN_LOOKS)
        return Wait(WaitReason.ANSWER, seconds, d.id, d.version)

    def _resumed(
        self, d: Distribution, members: list[Distribution], gathering: Gathering, now: datetime
    ) -> bool:
        """Whether an earlier attempt composed a batch with `d` that can go on as it is; then
        the others of it join `members`."""
        batch = [UUID(hex=id) for id in (d.message or {}).get("batch", ())]
        others = [self._due(id, d, now) for id in batch if id != d.id]
        found = [other for other in others if other is not None]
        if not batch or len(found) < len(others) or len(batch) > gathering.most:
            return False
        members += found
        members.sort(key=_waiting)
        return True

    def _gather(
        self,
        d: Distribution,
        members: list[Distribution],
        settings: TargetSettings,
        gathering: Gathering,
        now: datetime,
    ) -> None:
        """Let those join that wait for the target of `d`, the longest waiting first. Takedowns
        go by themselves: what others upload would hold them up. Two releases with one ICPN or
        GRid cannot share a batch."""
        names = self._names(d)
        for id in self._waiting.for_target(d.target_id, gathering.most):
            other = self._due(id, d, now)
            if other is None or other.id == d.id or self._may_be_resumed(other, now):
                continue
            theirs = self._names(other)
            if self._lacks_renditions(other, settings):
                continue
            if len(members) < gathering.most and not names & theirs:
                members.append(other)
                names |= theirs
        members.sort(key=_waiting)

    def _due(self, id: UUID, d: Distribution, now: datetime) -> Distribution | None:
        """Another one that may be delivered with `d`, by the log."""
        other = self._catalogue.find(Distribution, id)
        if other is None or other.target_id != d.target_id or not _is_due(other, now):
            return None
        if other.is_suspect:  # it goes alone
            return None
        together = (other.kind == "takedown") == (d.kind == "takedown")
        return other if together and other.kind != "purge" and d.kind != "purge" else None

    def _lacks_renditions(self, d: Distribution, settings: TargetSettings) -> bool:
        if form_of(settings.media, d.adapted).is_as_uploaded:
            return False
        with acting(cause_of(d, self._worker)):
            return bool(self._composer.missing(d))

    def _rendering(self, d: Distribution, now: datetime) -> Wait:
        """Who renders moves it on; it is looked after again in case that worker died, more rarely
        the longer it takes."""
        seconds = max((now - d.since).total_seconds(), self._patience.lease / 4)
        return Wait(WaitReason.RENDITIONS, min(seconds, _LONGEST_BETWEEN_LOOKS), d.id, d.version)

    def _names(self, d: Distribution) -> set[str]:
        """What a platform may call its release by."""
        metadata = self._catalogue.get(Release, d.release_id).metadata
        return {str(id) for id in (metadata.icpn, metadata.grid) if id}

    def _may_be_resumed(self, d: Distribution, now: datetime) -> bool:
        """Whether it has a batch, the rest of which may be on its way back from an attempt that
        ended: leases run out one by one."""
        lease = timedelta(seconds=self._patience.lease)
        return bool(d.message and d.message.get("batch")) and now - d.since < lease

    def _seconds_to_gather(
        self, members: list[Distribution], gathering: Gathering, now: datetime
    ) -> float:
        """In which others may still join."""
        if len(members) >= gathering.most or members[0].kind in ("takedown", "purge"):
            return 0
        waited = (now - min(m.waits_since for m in members)).total_seconds()
        wait = gathering.seconds - waited
        for m in members:
            if self._may_be_resumed(m, now):
                wait = max(wait, self._patience.lease - (now - m.since).total_seconds())
        return wait

    def _say(self, d: Distribution, what: str, **fields: Any) -> None:
        """One log line, with what ties it to the request that began it all."""
        correlation_id = d.last_event.correlation_id
        self._notice(what, distribution_id=str(d.id), correlation_id=correlation_id, **fields)


_LONGEST_BETWEEN_LOOKS = 300.0
_TO_BE_SENT = (
    *(Status.QUEUED, Status.UPDATING),
    *(Status.TAKEDOWN_REQUESTED, Status.PURGE_REQUESTED),
)


def _is_due(d: Distribution, now: datetime) -> bool:
    """Whether an attempt to deliver it should begin."""
    if d.status is Status.RETRYING:
        return d.due_at is None or datetime.fromisoformat(d.due_at) <= now
    return d.status in _TO_BE_SENT


def _broken(error: Exception) -> Problem:
    return Problem(
        "validation_broke",
        "",
        f"Internal error: {type(error).__name__}.",
        "Read the worker's log by the correlation id, report what it says, then retry.",
    )


def _waiting(d: Distribution) -> tuple[datetime, UUID]:
    """The longest waiting first; the same order for all workers, or they would block one another
    where they store the same distributions."""
    return d.waits_since, d.id
