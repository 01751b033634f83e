"""The Distribution aggregate: one release on one delivery target, from request to removal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from deadwax.domain.adapted import Adapted
from deadwax.domain.distribution_attempts import DELIVERED_AS
from deadwax.domain.distribution_events import (
    Accepted,
    AcknowledgementNoted,
    Confirmed,
    DistributionRequested,
    OutcomeBecameUnknown,
    Queued,
    Rejected,
    RemovalConfirmed,
    RequestRenewed,
    Scheduled,
    ValidationStarted,
    WentLive,
)
from deadwax.domain.distribution_operators import Operated
from deadwax.domain.distribution_requests import (
    Cancelled,
    Prioritised,
    PurgeRequested,
    Suspended,
    TakedownRequested,
    UpdateRequested,
)
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.priority import Priority
from deadwax.domain.states import AT_WORK, Status
from deadwax.domain.texts import Moment

_RETRIED_BY_PEOPLE = (Status.NEEDS_ATTENTION, Status.FAILED, Status.REJECTED, Status.RETRYING)
_OUTCOMES: dict[str, type[Confirmed]] = {
    "accepted": Accepted,
    "live": WentLive,
    "removed": RemovalConfirmed,
    "rejected": Rejected,
}


class Distribution(Operated):
    """Commands check the move in `domain.states.MOVES` and store one event, or raise."""

    TOPIC = "distribution"

    @classmethod
    def request(
        cls,
        release_id: UUID,
        target_id: UUID,
        mode: str,
        not_before: datetime | None,
        priority: Priority = Priority.NORMAL,
    ) -> Self:
        return cls._create(
            DistributionRequested,
            id=distribution_id(release_id, target_id),
            release_id=str(release_id),
            target_id=str(target_id),
            mode=mode,
            not_before=not_before and not_before.isoformat(),
            status=Status.CREATED.value,
            priority=priority.value,
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

    # -- what the platform says

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
        if outcome == "pending":  # it is worth noting, and decides nothing
            return None
        return {
            "accepted": DELIVERED_AS[self.kind],
            "live": Status.LIVE,
            "removed": Status.REMOVED,
        }[outcome]

    def adapt(self, to: Adapted) -> None:
        """Send it again in another form, where the platform rejected that of the files."""
        self._require("adapted", Status.REJECTED)
        self._adapt(to)
        self._move(Status.QUEUED, Queued, reason="content_adapted")

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

    def request_update(self, reason: str, *, forced: bool = False) -> None:
        """Tell the platform what changed; if `forced` everything, with all files, also if
        nothing did."""
        self._move(Status.UPDATING, UpdateRequested, reason=reason, forced=forced)

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

    def prioritise(self, priority: Priority) -> None:
        """Give it another place among those that wait for its target. Refused while an attempt
        is under way, which would lose its lease by it."""
        if priority is self.priority:
            return
        if self.status in AT_WORK:
            raise self._illegal("given another priority")
        self.trigger_event(Prioritised, priority=priority.value)

    def resume(self) -> None:
        self._require("resumed", Status.SUSPENDED)
        if self.suspended_from in (Status.CREATED, Status.VALIDATING, Status.SCHEDULED):
            self._move(Status.VALIDATING, ValidationStarted)
        else:
            self._move(Status.QUEUED, Queued, reason="resumed")
