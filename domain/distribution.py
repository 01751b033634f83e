"""The Distribution aggregate: one release on one delivery target, from request to removal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from deadwax.domain.distribution_events import (
    Accepted,
    AcknowledgementNoted,
    AttemptFailed,
    AttemptStarted,
    AttentionNeeded,
    Cancelled,
    Confirmed,
    DistributionRequested,
    MessageComposed,
    OutcomeBecameUnknown,
    PublishingStarted,
    PurgeRequested,
    Queued,
    Rejected,
    RemovalConfirmed,
    RequestRenewed,
    Scheduled,
    Sent,
    Suspended,
    TakedownRequested,
    UpdateFoundUnchanged,
    UpdateRequested,
    UploadStarted,
    ValidationStarted,
    WentLive,
)
from deadwax.domain.distribution_state import DistributionState
from deadwax.domain.errors import LeaseLost, Problem, Refused
from deadwax.domain.failures import RETRY_POLICIES, FailureCategory
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.plain import to_plain
from deadwax.domain.states import AT_WORK, Status
from deadwax.domain.texts import Moment

_DELIVERED_AS = {
    "initial": Status.DISTRIBUTED,
    "update": Status.UPDATED,
    "takedown": Status.REMOVED,
    "purge": Status.PURGED,
}
_RETRIED_BY_PEOPLE = (Status.NEEDS_ATTENTION, Status.FAILED, Status.REJECTED, Status.RETRYING)
_OUTCOMES: dict[str, type[Confirmed]] = {
    "accepted": Accepted,
    "live": WentLive,
    "removed": RemovalConfirmed,
    "rejected": Rejected,
}


class Distribution(DistributionState):
    """Commands check the move in `domain.states.MOVES` and store one event, or raise."""

    TOPIC = "distribution"

    @classmethod
    def request(
        cls, release_id: UUID, target_id: UUID, mode: str, not_before: datetime | None
    ) -> Self:
        return cls._create(
            DistributionRequested,
            id=distribution_id(release_id, target_id),
            release_id=str(release_id),
            target_id=str(target_id),
            mode=mode,
            not_before=not_before and not_before.isoformat(),
            status=Status.CREATED.value,
        )

    # -- before anything is sent

    def renew(self, not_before: datetime | None) -> None:
        """Ask again for a distribution that was cancelled, removed or purged: the platform is
        told everything anew, in an initial message."""
        self._require("requested again", Status.CANCELLED, Status.REMOVED, Status.PURGED)
        self._move(
            Status.VALIDATING, RequestRenewed, not_before=not_before and not_before.isoformat()
        )

    def start_validation(self) -> None:
        self._require(Status.VALIDATING, Status.CREATED, Status.VALIDATING)
        if self.status is Status.CREATED:
            self._move(Status.VALIDATING, ValidationStarted)

    def pass_validation(self, now: datetime) -> None:
        """Queue it, or schedule it when it is wanted later."""
        self._require("validated", Status.VALIDATING)
        if self.not_before and datetime.fromisoformat(self.not_before) > now:
            self._move(Status.SCHEDULED, Scheduled, due_at=self.not_before)
        else:
            self._move(Status.QUEUED, Queued, reason="validated")

    def come_due(self) -> None:
        self._require("due", Status.SCHEDULED)
        self._move(Status.QUEUED, Queued, reason="due")

    def need_attention(self, category: FailureCategory, problems: list[Problem]) -> None:
        self._move(
            Status.NEEDS_ATTENTION,
            AttentionNeeded,
            category=category.value,
            problems=to_plain(problems),
        )

    # -- one attempt: everything takes the fencing token that start_attempt returned

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
        """What follows is decided by RETRY_POLICIES: a retry, a person, or the end. Once
        publishing began, its outcome has to be established first."""
        self._hold(token)
        if self.publishing:
            self.give_back(token, detail)
            return
        attempts = RETRY_POLICIES[category].attempts
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
        tried again; an end to that is set by RETRY_POLICIES, as for any unknown failure."""
        self._expect_unresolved()
        unknown = FailureCategory.UNKNOWN
        if (
            self.status is Status.OUTCOME_UNKNOWN
            and self.failures >= RETRY_POLICIES[unknown].attempts
        ):
            self._fail(Status.FAILED, unknown, "The message cannot be published.", None)
        else:
            self._move(Status.QUEUED, Queued, reason="not_delivered")

    def acknowledge(self, message_id: str, outcome: str, evidence: dict[str, Any]) -> bool:
        """Apply what the platform said of a message; False if it must be offered again later.

        The same evidence twice stores nothing; what is late, overtaken or of a message that
        we do not know to be sent is noted.
        """
        if self.status in AT_WORK:
            return False  # an event of ours now would take the lease from the attempt
        if (message_id, evidence["sha256"]) in self.confirmed:
            return True
        current = self.message is not None and self.message["id"] == message_id
        if current and self.publishing:
            self._sent({"found": "acknowledgement"}, expects_answer=True)
        to = self._after(outcome) if current and message_id in self.sent else None
        if to is not None and to in self._open:
            self._move(to, _OUTCOMES[outcome], message_id=message_id, evidence=evidence)
        else:
            self.trigger_event(
                AcknowledgementNoted, message_id=message_id, outcome=outcome, evidence=evidence
            )
        return True

    def _after(self, outcome: str) -> Status | None:
        if outcome == "rejected":
            return Status.REJECTED
        if self.kind == "takedown":
            return Status.REMOVED if outcome == "removed" else None
        if self.kind == "purge":
            return Status.PURGED if outcome in ("accepted", "removed") else None
        return {
            "accepted": _DELIVERED_AS[self.kind],
            "live": Status.LIVE,
            "removed": Status.REMOVED,
        }[outcome]

    # -- what people ask for

    def retry(self) -> None:
        """Try again after a failure, a rejection, or what needed attention."""
        self._require("retried", *_RETRIED_BY_PEOPLE)
        if self.publishing:
            self._move(Status.OUTCOME_UNKNOWN, OutcomeBecameUnknown, detail="retry_requested")
        elif self.status is Status.NEEDS_ATTENTION and not self.message and self.kind == "initial":
            self._move(Status.VALIDATING, ValidationStarted)
        else:
            self._move(Status.QUEUED, Queued, reason="retry_requested")

    def request_update(self, reason: str) -> None:
        self._move(Status.UPDATING, UpdateRequested, reason=reason)

    def request_takedown(self, reason: str, effective: Moment | None = None) -> None:
        """Have the release removed, at once or when `effective` comes.

        What the platform does not have is cancelled instead, if at once, and refused if later;
        an attempt under way loses its lease by either, and is awaited while it publishes.
        """
        if not self.at_platform and effective is None:
            self.cancel(reason)
            return
        self._move(
            Status.TAKEDOWN_REQUESTED,
            TakedownRequested,
            reason=reason,
            effective=effective and str(effective),
        )

    def request_purge(self, reason: str, icpn: str) -> None:
        """Have what was taken down deleted for good. `icpn`, what the platform knows the
        release by, confirms it: this cannot be undone."""
        if Status.PURGE_REQUESTED in self._open and icpn != self.icpn:
            raise Refused(
                "The release is not purged",
                [
                    Problem(
                        "purge_not_confirmed",
                        "icpn",
                        f"{icpn} is not what the platform knows the release by.",
                        "Give the ICPN of the release that is to be deleted for good.",
                    )
                ],
            )
        self._move(Status.PURGE_REQUESTED, PurgeRequested, reason=reason, icpn=str(icpn))

    def cancel(self, reason: str) -> None:
        """Give up what the platform does not have. Refused where it may have it."""
        self._move(Status.CANCELLED, Cancelled, reason=reason)

    def suspend(self, reason: str) -> None:
        self._move(Status.SUSPENDED, Suspended, reason=reason)

    def resume(self) -> None:
        self._require("resumed", Status.SUSPENDED)
        if self.suspended_from in (Status.CREATED, Status.VALIDATING, Status.SCHEDULED):
            self._move(Status.VALIDATING, ValidationStarted)
        else:
            self._move(Status.QUEUED, Queued, reason="resumed")

    # --

    def _sent(self, evidence: dict[str, Any], *, expects_answer: bool) -> None:
        to = Status.PROCESSING_BY_PLATFORM if expects_answer else _DELIVERED_AS[self.kind]
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
