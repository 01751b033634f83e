"""Whether a delivery to a target may begin now, and what is learned from how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.failures import FailureCategory


class WaitReason(StrEnum):
    """What a distribution waits for, beside its turn."""

    TARGET_PAUSED = "target_paused"
    TENANT_PAUSED = "tenant_paused"
    CLOSED = "closed"
    """Outside the target's windows, or in its maintenance."""
    BREAKER_OPEN = "breaker_open"
    RATE = "rate"
    AT_ONCE = "at_once"
    """As many deliveries run as the target takes at once."""
    GATHERING = "gathering"
    """Others may still join its batch."""
    RENDITIONS = "renditions"
    """Its files are brought into the form that the target wants."""
    ANSWER = "answer"
    """A look at the server did not tell what became of its message."""
    APART = "apart"
    """Workers died with it and others in them: they are tried one after the other."""
    LIMITS_UNREACHABLE = "limits_unreachable"
    """Nobody can tell how much runs already, so nothing is begun."""


OF_TARGET = frozenset({WaitReason.BREAKER_OPEN, WaitReason.RATE, WaitReason.AT_ONCE})
"""What holds for every delivery to the target until then."""


@dataclass(frozen=True)
class Wait:
    """No attempt is made now; asking again is worth while after `seconds`. It holds for every
    delivery to a target (`reason` in OF_TARGET) or for one distribution: `id` and `version` are
    its, and once it has changed the wait is over."""

    reason: WaitReason
    seconds: float
    id: UUID
    version: int


class Ending(StrEnum):
    """What the end of a delivery says of its target."""

    SERVED = "served"
    FAILED = "failed"
    UNSAID = "unsaid"


TARGET_FAILURES = frozenset(
    {
        FailureCategory.NETWORK_TIMEOUT,
        FailureCategory.NETWORK_CONNECTIVITY,
        FailureCategory.API_UNAVAILABLE,
        FailureCategory.API_RATE_LIMIT,
        FailureCategory.AUTH_EXPIRED,
        FailureCategory.AUTH_INVALID,
        FailureCategory.QUOTA_EXCEEDED,
    }
)
"""Failures that the next delivery to the target would meet, too."""


@dataclass(frozen=True)
class Refusal:
    """The gate stays shut for `seconds`."""

    reason: WaitReason
    seconds: float


@dataclass(frozen=True)
class GateState:
    """`breaker` is closed, open or half_open; `open_seconds` how long it stays open yet."""

    breaker: str
    open_seconds: float
    failures: int
    at_work: int


class Gate(Protocol):
    """Shared by all workers: what it lets pass is counted over all of them."""

    def enter(self, target_id: UUID, holder: UUID, policy: DeliveryPolicy) -> Refusal | None:
        """Take a place for a delivery of `holder`; None if it may begin. The place is held until
        `leave`, or until the process has died for the length of a lease. Never raises: what
        cannot be counted may not begin."""
        ...

    def leave(
        self,
        target_id: UUID,
        holder: UUID,
        policy: DeliveryPolicy,
        ending: Ending,
        shut_for: float = 0,
    ) -> str:
        """Give the place back; the state of the breaker after. `shut_for` is for how many seconds
        the target asked to be left alone."""
        ...

    def state(self, target_id: UUID) -> GateState | None:
        """None while it cannot be told."""
        ...
