"""One attempt to deliver what a distribution is to say, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deadwax.domain.distribution_events import (
    AttemptFailed,
    AttemptStarted,
    MessageComposed,
    OutcomeBecameUnknown,
    PublishingStarted,
    Queued,
    Sent,
    UpdateFoundUnchanged,
    UploadStarted,
)
from deadwax.domain.distribution_state import DistributionState
from deadwax.domain.errors import LeaseLost
from deadwax.domain.failures import STRATEGIES, FailureCategory
from deadwax.domain.states import AT_WORK, Status

DELIVERED_AS = {
    "initial": Status.DISTRIBUTED,
    "update": Status.UPDATED,
    "takedown": Status.REMOVED,
    "purge": Status.PURGED,
}


class Delivering(DistributionState):
    """The commands of a worker. Each takes the fencing token that start_attempt returned, but
    for those that find out what became of a message."""

    def start_attempt(self, worker: str, lease_until: datetime) -> int:
        """Take the lease and return its fencing token. Saving it decides who wins."""
        self._move(
            Status.PREPARING,
            AttemptStarted,
            attempt=self.attempt + 1,
            kind=self.kind,
            worker=worker,
            lease_until=lease_until.isoformat(),
        )
        return self.token

    def compose(self, token: int, message: dict[str, Any]) -> None:
        """Fix the message. It may be composed anew by a later attempt, but only while it is
        certain that the one before was not published."""
        self._hold(token)
        self._require("composed", Status.PREPARING)
        self.trigger_event(MessageComposed, message=message)

    def drop_update(self, token: int) -> None:
        """End an update that would say nothing new: it was as if it had not been asked for."""
        self._hold(token)
        if self.before is None:
            raise self._illegal("left as it is")
        stands = (self.before.message or {}).get("id")
        self._move(
            self.before.status, UpdateFoundUnchanged, kind=self.before.kind, message_id=stands
        )

    def start_upload(self, token: int) -> None:
        self._hold(token)
        self._move(Status.UPLOADING, UploadStarted, message_id=self._message_id)

    def start_publishing(self, token: int) -> None:
        self._hold(token)
        self._require("published", Status.UPLOADING)
        self.trigger_event(PublishingStarted, message_id=self._message_id)

    def confirm_sent(self, token: int, evidence: dict[str, Any], *, expects_answer: bool) -> None:
        """The whole message stands at the target. Without an answer to wait for, that is all
        that will ever be known of it."""
        self._hold(token)
        if not self.publishing:
            raise self._illegal("sent")
        self._sent(evidence, expects_answer=expects_answer)

    def fail_attempt(
        self, token: int, category: FailureCategory, detail: str, retry_at: datetime
    ) -> None:
        """What follows is decided by STRATEGIES: a retry, a person, or the end. Once
        publishing began, its outcome has to be established first."""
        self._hold(token)
        if self.publishing:
            self.give_back(token, detail)
            return
        attempts = STRATEGIES[category].attempts
        if attempts <= 1:
            self._fail(Status.NEEDS_ATTENTION, category, detail, None)
        elif self.failures + 1 < attempts:
            self._fail(Status.RETRYING, category, detail, retry_at)
        else:
            self._fail(Status.FAILED, category, detail, None)

    def give_back(self, token: int, reason: str) -> None:
        """The worker stops before the end: `stopped` when asked to, `lease_expired` when it
        went silent. Nothing is assumed about a publishing that had begun."""
        self._hold(token)
        if self.publishing:
            self._move(Status.OUTCOME_UNKNOWN, OutcomeBecameUnknown, detail=reason)
        else:
            self._move(Status.QUEUED, Queued, reason=reason)

    # -- an outcome that was not seen

    def found_sent(self, evidence: dict[str, Any], *, expects_answer: bool) -> None:
        """A look at the server, or a person, established that the message arrived."""
        self._expect_unresolved()
        self._sent(evidence, expects_answer=expects_answer)

    def found_unsent(self) -> None:
        """A look at the server, or a person, established that it was never published. It is
        tried again; an end to that is set by STRATEGIES, as for any unknown failure."""
        self._expect_unresolved()
        unknown = FailureCategory.UNKNOWN
        if self.status is Status.OUTCOME_UNKNOWN and self.failures >= STRATEGIES[unknown].attempts:
            self._fail(Status.FAILED, unknown, "The message cannot be published.", None)
        else:
            self._move(Status.QUEUED, Queued, reason="not_delivered")

    # --

    def _sent(self, evidence: dict[str, Any], *, expects_answer: bool) -> None:
        to = Status.PROCESSING_BY_PLATFORM if expects_answer else DELIVERED_AS[self.kind]
        self._move(to, Sent, message_id=self._message_id, kind=self.kind, evidence=evidence)

    def _fail(
        self, to: Status, category: FailureCategory, detail: str, retry_at: datetime | None
    ) -> None:
        self._move(
            to,
            AttemptFailed,
            attempt=self.attempt,
            category=category.value,
            detail=detail,
            retry_at=retry_at and retry_at.isoformat(),
        )

    def _hold(self, token: int) -> None:
        if self.status not in AT_WORK or self.token != token:
            raise LeaseLost(f"Attempt {token} of {self.id} no longer holds the lease.")

    def _expect_unresolved(self) -> None:
        unresolved = (Status.OUTCOME_UNKNOWN, Status.NEEDS_ATTENTION)
        if not (self.publishing and self.status in unresolved):
            raise self._illegal("resolved")
