"""Moving a distribution on: one step of work, decided by the state it is in.

Safe to run twice, at once, or again after a crash at any point: the log decides who holds
the lease, and the server is asked what it has before anything is sent.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.errors import Conflict, DeliveryFailed, NotFound, Stopped
from deadwax.application.lease import HeldLease
from deadwax.application.ports import AssetStore, Courier, Couriers, Leases, OutgoingFile
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import LeaseLost, Problem, Refused
from deadwax.domain.failures import FailureCategory
from deadwax.domain.states import AT_WORK, Status
from deadwax.domain.target import Confirmation, DeliveryTarget

Notice = Callable[..., None]


@dataclass(frozen=True)
class Patience:
    """How long to wait for what. Seconds."""

    lease: float
    retry_base: float
    retry_cap: float
    answer: float
    """How long a platform may take to answer before a person is told."""


class Deliveries:
    """`keep_going` turns False when the process is to stop; `notice` takes one log line."""

    def __init__(
        self,
        catalogue: Catalogue,
        composer: Composer,
        assets: AssetStore,
        couriers: Couriers,
        leases: Leases,
        patience: Patience,
        worker: str,
        notice: Notice,
    ) -> None:
        self._catalogue, self._composer, self._assets = catalogue, composer, assets
        self._couriers, self._leases, self._patience = couriers, leases, patience
        self._worker, self._notice = worker, notice

    def advance(self, distribution_id: UUID, keep_going: Callable[[], bool]) -> None:
        """Take the next step, if one is due. Losing a race to another worker is no error."""
        distribution = self._catalogue.find(Distribution, distribution_id)
        if distribution is None:
            return
        with acting(cause_of(distribution, self._worker)):
            try:
                self._step(distribution, keep_going)
            except (Conflict, LeaseLost):
                self._say(distribution, "overtaken")

    def _step(self, d: Distribution, keep_going: Callable[[], bool]) -> None:
        now = datetime.now(UTC)
        due = d.due_at is None or datetime.fromisoformat(d.due_at) <= now
        if d.status in (Status.CREATED, Status.VALIDATING):
            self._validate(d, now)
        elif d.status is Status.SCHEDULED and due:
            d.come_due()
            self._catalogue.save(d)
        elif d.status in (Status.QUEUED, Status.UPDATING, Status.TAKEDOWN_REQUESTED) or (
            d.status is Status.RETRYING and due
        ):
            self._attempt(d, now, keep_going)
        elif d.status is Status.OUTCOME_UNKNOWN:
            self._reconcile(d, now)

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
        if target and datetime.now(UTC) - d.since < self._lead_time(target):
            return
        with acting(cause_of(d, self._worker)):
            d.need_attention(FailureCategory.API_UNAVAILABLE, [_unanswered(d)])
            self._catalogue.save(d)

    # -- before sending

    def _validate(self, d: Distribution, now: datetime) -> None:
        d.start_validation()
        try:
            self._composer.rehearse(d)
        except Refused as refused:
            d.need_attention(FailureCategory.METADATA_INVALID, list(refused.problems))
        else:
            d.pass_validation(now)
        self._catalogue.save(d)

    # -- one attempt

    def _attempt(self, d: Distribution, now: datetime, keep_going: Callable[[], bool]) -> None:
        token = d.start_attempt(self._worker, now + timedelta(seconds=self._patience.lease))
        self._catalogue.save(d)
        with HeldLease(self._leases, d.id, token, self._patience.lease) as lease:
            try:
                self._deliver(d, token, lease, keep_going)
            except (Conflict, LeaseLost):
                raise
            except Refused as refused:
                d.need_attention(FailureCategory.METADATA_INVALID, list(refused.problems))
            except Stopped as stopped:
                if not lease.held():
                    raise LeaseLost("The lease ran out.") from stopped
                d.give_back(token, "stopped")
            except DeliveryFailed as failed:
                self._fail(d, token, failed)
            except NotFound as missing:
                self._fail(d, token, DeliveryFailed(FailureCategory.NOT_FOUND, str(missing)))
            except Exception as error:  # a fault of ours must end the attempt, with its name
                self._say(d, "attempt_broke", exc_info=True)
                detail = f"Internal error: {type(error).__name__}"
                self._fail(d, token, DeliveryFailed(FailureCategory.UNKNOWN, detail))
            self._catalogue.save(d)

    def _deliver(
        self, d: Distribution, token: int, lease: HeldLease, keep_going: Callable[[], bool]
    ) -> None:
        """All files but the last, which completes the delivery: without it nothing counts as
        sent. It is published when every other was seen at its place."""

        def go_on() -> bool:
            return lease.held() and keep_going()

        if not self._composer.still_stands(d):
            d.compose(token, self._composer.compose(d, datetime.now(UTC)))
        d.start_upload(token)
        self._catalogue.save(d)
        assert d.message is not None
        files: list[dict[str, Any]] = d.message["files"]
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        started, sent_bytes = time.monotonic(), 0

        def count(n: int) -> None:
            nonlocal sent_bytes
            sent_bytes += n

        with _closing(self._couriers.connect(d.tenant_id, target.settings)) as courier:
            *content, completing = files
            for file in content:
                courier.upload(self._outgoing(file), keep_going=go_on, progress=count)
            for file in content:
                courier.publish(file["path"])
                self._say(d, "file_delivered", path=file["path"], sha256=file["sha256"])
            _verify(courier, content)
            courier.upload(self._outgoing(completing), keep_going=go_on, progress=count)
            d.start_publishing(token)
            self._catalogue.save(d)
            lease.require()
            courier.publish(completing["path"])
            self._say(d, "message_published", path=completing["path"], message_id=d.message["id"])
            address = target.settings.address
            evidence = {
                "endpoint": f"{target.settings.protocol}://{address.host}:{address.port}",
                "host_key": str(address.host_key),
                "files": files,
                "bytes": sent_bytes,
                "seconds": f"{time.monotonic() - started:.3f}",
            }
        d.confirm_sent(token, evidence, expects_answer=_answers(target))

    def _say(self, d: Distribution, what: str, **fields: Any) -> None:
        """One log line, with what ties it to the request that began it all."""
        correlation_id = d.last_event.correlation_id
        self._notice(what, distribution_id=str(d.id), correlation_id=correlation_id, **fields)

    def _outgoing(self, file: dict[str, Any]) -> OutgoingFile:
        return OutgoingFile(
            path=file["path"],
            size=file["size"],
            sha256=file["sha256"],
            open=partial(self._assets.open, file["sha256"]),
        )

    def _fail(self, d: Distribution, token: int, failed: DeliveryFailed) -> None:
        self._say(d, "attempt_failed", category=failed.category, detail=failed.detail)
        if d.publishing:
            d.give_back(token, failed.detail)
        else:
            at = failed.retry_after or self._retry_at(d.failures)
            d.fail_attempt(token, failed.category, failed.detail, at)

    def _retry_at(self, failures: int) -> datetime:
        """Full jitter: anywhere between at once and an exponentially growing bound."""
        bound = min(self._patience.retry_cap, self._patience.retry_base * 2**failures)
        wait = random.uniform(0, bound)  # noqa: S311 - spreads load, guards nothing
        return datetime.now(UTC) + timedelta(seconds=wait)

    def _lead_time(self, target: DeliveryTarget) -> timedelta:
        """How long its platform may take to answer."""
        hours = target.settings.choreography.answer_hours
        return timedelta(hours=hours) if hours else timedelta(seconds=self._patience.answer)

    # -- an outcome that was not seen

    def _reconcile(self, d: Distribution, now: datetime) -> None:
        """Ask the server what became of a message whose publishing began.

        The completing file there, ours to the byte: sent. Its part there: never published, so
        the attempt resumes.
        Neither: the platform took the delivery away, and will tell; a person is told if not.
        """
        assert d.message is not None
        completing = d.message["files"][-1]
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        try:
            with _closing(self._couriers.connect(d.tenant_id, target.settings)) as courier:
                whole = _stands(courier, completing)
                part = courier.size(completing["path"] + ".part") is not None
        except DeliveryFailed as failed:
            self._say(d, "cannot_look", detail=failed.detail)
            whole = part = False
        if whole:
            found = {"found": completing.get("role", "manifest"), "files": d.message["files"]}
            d.found_sent(found, expects_answer=_answers(target))
        elif part:
            d.found_unsent()
        elif now - d.since > self._lead_time(target):
            d.need_attention(FailureCategory.UNKNOWN, [_unanswered(d)])
        else:
            return
        self._catalogue.save(d)


def cause_of(root: Root, worker: str) -> Cause:
    """A process acts because of the last thing that happened, in the same correlation."""
    last = root.last_event
    return Cause(root.tenant_id, f"process:{worker}", last.correlation_id, str(last.event_id))


def _verify(courier: Courier, files: list[dict[str, Any]]) -> None:
    """Every file stands at its final name with its size, before anything says so."""
    for file in files:
        size = courier.size(file["path"])
        if size != file["size"]:
            raise DeliveryFailed(
                FailureCategory.INTEGRITY,
                f"{file['path']} has {size} bytes at the target instead of {file['size']}.",
            )


def _stands(courier: Courier, file: dict[str, Any]) -> bool:
    """Whether exactly these bytes stand at the target, not only as many."""
    if courier.size(file["path"]) != file["size"]:
        return False
    data = courier.fetch(file["path"], file["size"])
    return bool(hashlib.sha256(data).hexdigest() == file["sha256"])


def _answers(target: DeliveryTarget) -> bool:
    return target.settings.confirmation is not Confirmation.NONE


def _unanswered(d: Distribution) -> Problem:
    assert d.message is not None
    return Problem(
        "no_answer",
        "platform",
        f"The platform has not said what became of message {d.message['id']}.",
        "Ask the platform, then resolve the distribution with what it said.",
    )


class _closing:
    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    def __enter__(self) -> Courier:
        return self._courier

    def __exit__(self, *_: object) -> None:
        self._courier.close()
