"""What must hold before an attempt begins, and what its end teaches about the target."""

from __future__ import annotations

import random
import time
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.gate import TARGET_FAILURES, Ending, Gate, Wait, WaitReason
from deadwax.application.patience import Notice
from deadwax.domain import clock
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import Sent
from deadwax.domain.distribution_state import ALONE_AFTER
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.tenant import Tenant
from deadwax.domain.transfer_times import next_open

_MOMENTS = (0.01, 0.03, 0.1, 0.2)
_SOON_SECONDS = 30.0
"""When to ask again for what ends by somebody's decision, which wakes the feeder anyway."""


_MOST_LEASES_APART = 4


class Admission:
    """`lease` is for how long an attempt that is silent holds its message, in seconds."""

    def __init__(self, catalogue: Catalogue, gate: Gate, notice: Notice, lease: float) -> None:
        self._catalogue, self._gate, self._notice = catalogue, gate, notice
        self._lease = lease

    def held_back(self, d: Distribution, target: DeliveryTarget) -> Wait | None:
        """Why nothing may be sent to the target for `d` now, whoever else is at work.

        A takedown at once goes although its tenant is paused: what the tenant may not show any
        more has to go. It does not go to a paused target, which cannot take it."""
        now = clock.now()
        if target.paused and target.paused.holds(now):
            return _wait(d, WaitReason.TARGET_PAUSED, _SOON_SECONDS)
        if not d.removes_at_once:
            paused = self._catalogue.get(Tenant, d.tenant_id).paused
            if paused and paused.holds(now):
                return _wait(d, WaitReason.TENANT_PAUSED, _SOON_SECONDS)
        seconds = (next_open(target.settings.policy, now) - now).total_seconds()
        if seconds > 0:
            return _wait(d, WaitReason.CLOSED, seconds)
        seconds = self._apart(d) - (now - d.since).total_seconds()
        return _wait(d, WaitReason.APART, seconds) if seconds > 0 else None

    def _apart(self, d: Distribution) -> float:
        """How long to stay away from those that were in the same workers when these died: one of
        them may end its worker each time, and is not to take the same others with it. Different
        for each, and longer with each death."""
        if d.deaths < ALONE_AFTER:
            return 0.0
        share = random.Random(f"{d.id} {d.deaths}").random()  # noqa: S311 - spread, no secret
        return self._lease * min(2.0 ** (d.deaths - 1), _MOST_LEASES_APART) * share

    def enter(self, d: Distribution, target: DeliveryTarget) -> Wait | None:
        """Take the place of one delivery, which `leave` gives back. Whoever ended is often still
        about to leave: a moment is waited for a place."""
        policy, moments = target.settings.policy, iter(_MOMENTS)
        while refusal := self._gate.enter(target.id, d.id, policy):
            pause = next(moments, None)
            if pause is None or refusal.reason is not WaitReason.AT_ONCE:
                return Wait(refusal.reason, refusal.seconds, target.id, target.version)
            time.sleep(pause)
        return None

    def leave(
        self, holder: UUID, d: Distribution, target: DeliveryTarget, failed: DeliveryFailed | None
    ) -> None:
        """`d` is as the delivery left it; `failed` what ended it, if that was on the way to the
        target."""
        shut_for = 0.0
        if failed is not None and failed.category in TARGET_FAILURES:
            ending = Ending.FAILED
            if failed.retry_after:
                shut_for = max(0.0, (failed.retry_after - clock.now()).total_seconds())
        else:
            ending = Ending.SERVED if isinstance(d.last_event, Sent) else Ending.UNSAID
        state = self._gate.leave(target.id, holder, target.settings.policy, ending, shut_for)
        if ending is Ending.FAILED and state == "open":
            self._notice(
                "breaker_open", target_id=str(target.id), platform=target.settings.platform
            )


def _wait(d: Distribution, reason: WaitReason, seconds: float) -> Wait:
    return Wait(reason, seconds, d.id, d.version)
