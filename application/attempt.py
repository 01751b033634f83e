"""One attempt to deliver: a distribution, or several to one target that share a batch.

Everything that is stored for several is stored for all of them or for none, so a killed worker
leaves each where the log says it is, and each finds its way from there alone.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from deadwax.application.catalogue import Catalogue
from deadwax.application.compose import Composer
from deadwax.application.errors import Conflict, DeliveryFailed, NotFound, Stopped
from deadwax.application.lease import HeldLease
from deadwax.application.packaging import COMPLETING
from deadwax.application.patience import Notice, Patience
from deadwax.application.ports import AssetStore, Courier, Couriers, Leases, OutgoingFile
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import LeaseLost, Problem, Refused
from deadwax.domain.failures import FailureCategory, category_of
from deadwax.domain.states import AT_WORK
from deadwax.domain.target import Confirmation, DeliveryTarget

Members = Sequence[Distribution]
File = dict[str, Any]


class _FileBroken(Exception):
    """A file cannot be delivered, whatever the target does. `members` bring it."""

    def __init__(self, members: Members, why: Exception) -> None:
        self.members, self.why = members, why
        super().__init__(str(why))


class Attempts:
    """`worker` names the process; `notice` takes one log line."""

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

    def run(self, members: Members, keep_going: Callable[[], bool]) -> DeliveryFailed | None:
        """Deliver `members`, which wait for a worker and have one target.

        Returns what ended it where the target or the way to it failed; None where it was
        delivered, or ended by a fault of ours. Raises Conflict or LeaseLost when another
        worker was first; then nothing of it counts."""
        ended_by: DeliveryFailed | None = None
        until = datetime.now(UTC) + timedelta(seconds=self._patience.lease)
        self._each(members, lambda d: d.start_attempt(self._worker, until))
        self._catalogue.save(*members)
        tokens = {d.id: d.token for d in members}
        with HeldLease(self._leases, tokens, self._patience.lease) as lease:
            try:
                self._deliver(members, lease, keep_going)
            except (Conflict, LeaseLost):
                self._give_up(members)
                raise
            except Stopped as stopped:
                if not lease.held():
                    raise LeaseLost("The lease ran out.") from stopped
                self._each(_at_work(members), lambda d: d.give_back(d.token, "stopped"))
            except _FileBroken as broken:
                self._end(broken.members, broken.why)
                self._each(_at_work(members), lambda d: d.give_back(d.token, "others_failed"))
            except Exception as error:
                self._end(members, error)
                ended_by = error if isinstance(error, DeliveryFailed) else None
            self._catalogue.save(*members)
        return ended_by

    def _deliver(self, members: Members, lease: HeldLease, keep_going: Callable[[], bool]) -> None:
        """All files but the last, which completes the delivery: without it nothing counts as
        sent. It is published when every other was seen at its place."""

        def go_on() -> bool:
            return lease.held() and keep_going()

        members = self._composed(members)
        if not members:
            return
        self._each(members, lambda d: d.start_upload(d.token))
        self._catalogue.save(*members)
        *content, completing = _in_order(members)
        target = self._catalogue.get(DeliveryTarget, members[0].target_id)
        started, sent = time.monotonic(), Counter[str]()
        with closing(self._couriers.connect(target.tenant_id, target.settings)) as courier:
            upload = partial(self._upload, courier, members, sent, go_on)
            for file in content:
                upload(file)
            for file in content:
                courier.publish(file["path"])
                self._say(members[0], "file_delivered", path=file["path"], sha256=file["sha256"])
            _verify(courier, content)
            upload(completing)
            self._each(members, lambda d: d.start_publishing(d.token))
            self._catalogue.save(*members)
            lease.require()
            courier.publish(completing["path"])
        took = target.settings.address.evidence | {
            "seconds": f"{time.monotonic() - started:.3f}",
        }
        for d in members:
            assert d.message is not None
            files = _files(d)
            self._say(d, "message_published", path=completing["path"], message_id=d.message["id"])
            evidence = took | {"files": files, "bytes": sum(sent[f["path"]] for f in files)}
            with acting(cause_of(d, self._worker)):
                d.confirm_sent(d.token, evidence, expects_answer=answers(target))

    def _composed(self, members: Members) -> list[Distribution]:
        """Those that have a message, all of one delivery. What cannot be composed is told to a
        person, an update that says nothing new ends; neither holds up the others."""
        if self._composer.still_stand(members):
            return list(members)
        now, drafts = datetime.now(UTC), []
        for d in members:
            with acting(cause_of(d, self._worker)), self._catalogue.reading_once():
                try:
                    draft = self._composer.draft(d, now)
                except Exception as error:
                    self._end([d], error)
                    self._catalogue.save(d)
                    continue
                if draft is not None:
                    drafts.append((d, draft))
                else:
                    d.drop_update(d.token)
                    self._catalogue.save(d)
        messages = self._composer.lay_out([draft for _, draft in drafts])
        for (d, _), message in zip(drafts, messages, strict=True):
            with acting(cause_of(d, self._worker)):
                d.compose(d.token, message)
        return [d for d, _ in drafts]

    def _upload(
        self,
        courier: Courier,
        members: Members,
        sent: Counter[str],
        go_on: Callable[[], bool],
        file: File,
    ) -> None:
        """Raises _FileBroken where the file is the trouble, and not the way to the target."""

        def count(n: int) -> None:
            sent[file["path"]] += n

        outgoing = OutgoingFile(
            path=file["path"],
            size=file["size"],
            sha256=file["sha256"],
            open=partial(self._assets.open, file["sha256"]),
        )
        try:
            courier.upload(outgoing, keep_going=go_on, progress=count)
        except (NotFound, DeliveryFailed) as why:
            if isinstance(why, DeliveryFailed) and why.category is not FailureCategory.INTEGRITY:
                raise
            raise _FileBroken([d for d in members if file in _files(d)], why) from why

    # -- when it does not end well

    def _give_up(self, members: Members) -> None:
        """Another has changed some of them: what is still ours goes back, one by one."""
        for ours in members:
            with acting(cause_of(ours, self._worker)), suppress(Conflict, LeaseLost):
                d = self._catalogue.get(Distribution, ours.id)
                if d.status in AT_WORK and d.token == ours.token:
                    d.give_back(d.token, "overtaken")
                    self._catalogue.save(d)

    def _end(self, members: Members, error: Exception) -> None:
        """What becomes of `members` because of `error`. A fault of ours ends the attempt too,
        with its name."""
        if isinstance(error, Refused):
            self._ask_a_person(members, error)
        elif isinstance(error, DeliveryFailed):
            self._fail(members, error)
        elif isinstance(error, NotFound):
            self._fail(members, DeliveryFailed(FailureCategory.NOT_FOUND, str(error)))
        else:
            self._say(members[0], "attempt_broke", exc_info=True)
            detail = f"Internal error: {type(error).__name__}"
            self._fail(members, DeliveryFailed(FailureCategory.UNKNOWN, detail))

    def _ask_a_person(self, members: Members, refused: Refused) -> None:
        problems: list[Problem] = list(refused.problems)
        why = category_of(problems)
        self._each(_at_work(members), lambda d: d.need_attention(why, problems))

    def _fail(self, members: Members, failed: DeliveryFailed) -> None:
        at_work = _at_work(members)
        at = failed.retry_after or self._retry_at(max((d.failures for d in at_work), default=0))
        for d in at_work:
            self._say(d, "attempt_failed", category=failed.category, detail=failed.detail)
            with acting(cause_of(d, self._worker)):
                if d.publishing:
                    d.give_back(d.token, failed.detail)
                else:
                    d.fail_attempt(d.token, failed.category, failed.detail, at)

    def _retry_at(self, failures: int) -> datetime:
        """Full jitter: anywhere between at once and an exponentially growing bound."""
        bound = min(self._patience.retry_cap, self._patience.retry_base * 2**failures)
        wait = random.uniform(0, bound)  # noqa: S311 - spreads load, guards nothing
        return datetime.now(UTC) + timedelta(seconds=wait)

    # --

    def _each(self, members: Members, command: Callable[[Distribution], object]) -> None:
        """Each acts in its own correlation."""
        for d in members:
            with acting(cause_of(d, self._worker)):
                command(d)

    def _say(self, d: Distribution, what: str, **fields: Any) -> None:
        """One log line, with what ties it to the request that began it all."""
        correlation_id = d.last_event.correlation_id
        self._notice(what, distribution_id=str(d.id), correlation_id=correlation_id, **fields)


def cause_of(root: Root, worker: str) -> Cause:
    """A process acts because of the last thing that happened, in the same correlation."""
    last = root.last_event
    return Cause(root.tenant_id, f"process:{worker}", last.correlation_id, str(last.event_id))


def answers(target: DeliveryTarget) -> bool:
    """Whether its platform says what became of a message."""
    return target.settings.confirmation is not Confirmation.NONE


def _at_work(members: Members) -> list[Distribution]:
    return [d for d in members if d.status in AT_WORK]


def _files(d: Distribution) -> list[File]:
    assert d.message is not None
    return list(d.message["files"])


def _in_order(members: Members) -> list[File]:
    """Every file once: what belongs to one message first, what completes all of them last."""
    own: dict[str, File] = {}
    ending: dict[str, File] = {}
    for d in members:
        for file in _files(d):
            (ending if file.get("role") in COMPLETING else own).setdefault(file["path"], file)
    return [*own.values(), *ending.values()]


def _verify(courier: Courier, files: Sequence[File]) -> None:
    """Every file stands at its final name with its size, before anything says so."""
    for file in files:
        size = courier.size(file["path"])
        if size != file["size"]:
            raise DeliveryFailed(
                FailureCategory.INTEGRITY,
                f"{file['path']} has {size} bytes at the target instead of {file['size']}.",
            )
