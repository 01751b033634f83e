"""One attempt to deliver what a distribution is to say, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from deadwax.domain.adapted import Adapted
from deadwax.domain.distribution_events import (
    AttemptFailed,
    AttemptStarted,
    AttentionNeeded,
    ContentAdapted,
    MessageComposed,
    OutcomeBecameUnknown,
    PublishingStarted,
    Queued,
    Sent,
    UploadStarted,
)
from deadwax.domain.distribution_requests import (
    UpdateFoundUnchanged,
)
from deadwax.domain.distribution_state import MOST_DEATHS, DistributionState
from deadwax.domain.errors import LeaseLost, Problem
from deadwax.domain.failures import (
    ADVICE,
    MOST_FAILURES,
    STRATEGIES,
    FailureCategory,
    Recovery,
    Strategy,
)
from deadwax.domain.plain import to_plain
from deadwax.domain.states import AT_WORK, Status
from deadwax.domain.uploads import PRIMARY

DELIVERED_AS = {
    "initial": Status.DISTRIBUTED,
    "update": Status.UPDATED,
    "takedown": Status.REMOVED,
    "purge": Status.PURGED,
}


_DEADLY = Problem(
    "attempts_went_silent",
    "",
    f"{MOST_DEATHS} attempts in a row ended with their worker.",
    "Read the workers' logs from those times; retry when the cause is gone.",
)


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
        certain that the one before was not published: the new one supersedes it."""
        self._hold(token)
        self._require("composed", Status.PREPARING)
        before = self.message
        supersedes = before["id"] if before and before["id"] not in self.sent else None
        self.trigger_event(MessageComposed, message=message | {"supersedes": supersedes})

    def drop_update(self, token: int) -> None:
        """End an update that would say nothing new: it was as if it had not been asked for."""
        self._hold(token)
        if self.before is None:
            raise self._illegal("left as it is")
        stands = (self.before.message or {}).get("id")
        self._move(
            self.before.status, UpdateFoundUnchanged, kind=self.before.kind, message_id=stands
        )

    def start_upload(self, token: int, route: str = PRIMARY) -> None:
        """Begin to bring the message to the platform by one of the target's ways."""
        self._hold(token)
        if self.uploads and route != self.uploads[-1].route and not self.may_change_route:
            raise self._illegal(f"sent by the {route} way")
        self._move(Status.UPLOADING, UploadStarted, message_id=self._message_id, route=route)

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
        self,
        token: int,
        category: FailureCategory,
        detail: str,
        retry_at: datetime,
        strategy: Strategy | None = None,
        adapted: Adapted | None = None,
    ) -> None:
        """What follows is decided by `strategy`, or by that of STRATEGIES: a retry, a person, or
        the end, which also comes after MOST_FAILURES of whatever categories. Once publishing
        began, its outcome has to be established first. What is tried again by adapt_content goes
        in the form `adapted`; without one a person is needed."""
        self._hold(token)
        if self.publishing:
            self.give_back(token, detail)
            return
        strategy = strategy or STRATEGIES[category]
        recovery, failed_as = strategy.recovery, self.failed_as.get(category, 0)
        left = recovery is not Recovery.ADAPT_CONTENT or adapted is not None
        if recovery is Recovery.NEEDS_A_PERSON or strategy.attempts <= 1 or not left:
            self._fail(Status.NEEDS_ATTENTION, category, detail, None, Recovery.NEEDS_A_PERSON)
        elif failed_as + 1 < strategy.attempts and self.failures + 1 < MOST_FAILURES:
            if recovery is Recovery.ADAPT_CONTENT and adapted is not None:
                self._adapt(adapted)
            self._fail(Status.RETRYING, category, detail, retry_at, recovery)
        else:
            self._fail(Status.FAILED, category, detail, None, Recovery.NEEDS_A_PERSON)

    def give_back(self, token: int, reason: str) -> None:
        """The worker stops before the end: `stopped` when asked to, `lease_expired` when it
        went silent, which a person is told of when it happens again and again. Nothing is
        assumed about a publishing that had begun."""
        self._hold(token)
        if self.publishing:
            self._move(Status.OUTCOME_UNKNOWN, OutcomeBecameUnknown, detail=reason)
        elif reason == "lease_expired" and self.deaths + 1 >= MOST_DEATHS:
            self.need_attention(FailureCategory.UNKNOWN, [_DEADLY])
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
        spent = self.failed_as.get(Status.OUTCOME_UNKNOWN, 0) >= STRATEGIES[unknown].attempts
        if self.status is Status.OUTCOME_UNKNOWN and (spent or self.failures >= MOST_FAILURES):
            detail = "The message cannot be published."
            self._fail(Status.FAILED, unknown, detail, None, Recovery.NEEDS_A_PERSON)
        else:
            self._move(Status.QUEUED, Queued, reason="not_delivered")

    # --

    def _sent(self, evidence: dict[str, Any], *, expects_answer: bool) -> None:
        to = Status.PROCESSING_BY_PLATFORM if expects_answer else DELIVERED_AS[self.kind]
        self._move(to, Sent, message_id=self._message_id, kind=self.kind, evidence=evidence)

    def need_attention(self, category: FailureCategory, problems: list[Problem]) -> None:
        self._move(
            Status.NEEDS_ATTENTION,
            AttentionNeeded,
            category=category.value,
            problems=to_plain(problems),
        )

    def _adapt(self, to: Adapted) -> None:
        known = self.adapted
        refused = known.audio if known and known.own == to.own else to.own
        self.trigger_event(ContentAdapted, own=to.own, refused=refused, audio=to.audio)

    def _fail(
        self,
        to: Status,
        category: FailureCategory,
        detail: str,
        retry_at: datetime | None,
        recovery: Recovery,
    ) -> None:
        self._move(
            to,
            AttemptFailed,
            attempt=self.attempt,
            category=category.value,
            detail=detail,
            retry_at=retry_at and retry_at.isoformat(),
            strategy=recovery.value,
            advice=ADVICE[category].code,
        )

    def _hold(self, token: int) -> None:
        if self.status not in AT_WORK or self.token != token:
            raise LeaseLost(f"Attempt {token} of {self.id} no longer holds the lease.")

    def _expect_unresolved(self) -> None:
        unresolved = (Status.OUTCOME_UNKNOWN, Status.NEEDS_ATTENTION)
        if not (self.publishing and self.status in unresolved):
            raise self._illegal("resolved")
