"""What is known of a distribution, and which moves are open to it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deadwax.domain.aggregate import Root
from deadwax.domain.errors import IllegalTransition
from deadwax.domain.states import AT_WORK, MOVES, Status

if TYPE_CHECKING:
    from deadwax.domain.distribution_events import DistributionRequested


class DistributionState(Root):
    """`since` is when it came to its status; `kind` is what is to be sent next or is under way
    (initial, update, takedown); `message` the composed message, kept over all its attempts;
    `token` the fencing token of the attempt that holds the lease; `failures` those in a row;
    `icpn` what the platform knows the release by; `sent` and `confirmed` the two sides of the
    evidence; `at_platform` the messages that the platform may have: published, and neither
    rejected nor removed since.
    """

    if TYPE_CHECKING:
        release_id: UUID
        target_id: UUID
        mode: str
        status: Status
        since: datetime
        kind: str
        message: dict[str, Any] | None
        publishing: bool
        attempt: int
        failures: int
        token: int
        due_at: str | None
        not_before: str | None
        suspended_from: Status
        icpn: str | None
        sent: list[str]
        confirmed: list[tuple[str, str]]
        at_platform: list[str]

    # -- called by events: these only assign

    def begin(self, event: DistributionRequested) -> None:
        self.release_id = UUID(event.release_id)
        self.target_id = UUID(event.target_id)
        self.mode = event.mode
        self.status, self.since = Status(event.status), event.timestamp
        self.not_before = event.not_before
        self.attempt = self.token = 0
        self.due_at = self.icpn = None
        self.sent, self.confirmed, self.at_platform = [], [], []
        self.start_afresh("initial")

    def start_afresh(self, kind: str) -> None:
        self.kind = kind
        self.message = None
        self.publishing = False
        self.failures = 0

    def note_publishing(self, message_id: str) -> None:
        self.publishing = True
        self.at_platform = [*self.at_platform, message_id]

    def note_absence(self, message_id: str) -> None:
        self.publishing = False
        self.at_platform = [known for known in self.at_platform if known != message_id]

    def note_confirmation(self, message_id: str, evidence: dict[str, Any]) -> None:
        self.confirmed = [*self.confirmed, (message_id, evidence.get("sha256", ""))]

    # -- read by commands

    @property
    def allowed(self) -> list[str]:
        """The statuses that it can move to now."""
        return sorted(self._open)

    @property
    def _open(self) -> frozenset[Status]:
        """The moves of the table, without those closed by what the platform has."""
        closed = {Status.CANCELLED if self.at_platform else Status.TAKEDOWN_REQUESTED}
        if self.kind == "takedown":
            closed |= {Status.TAKEDOWN_REQUESTED, Status.UPDATING}
        if self.publishing and self.status in AT_WORK:  # or the takedown might arrive first
            closed.add(Status.TAKEDOWN_REQUESTED)
        return MOVES[self.status] - closed

    @property
    def _message_id(self) -> str:
        if self.message is None:
            raise self._illegal("uploading before its message is composed")
        return str(self.message["id"])

    def _require(self, wanted: str, *statuses: Status) -> None:
        if self.status not in statuses:
            raise self._illegal(wanted)

    def _move(self, to: Status, event: type, **fields: Any) -> None:
        if to not in self._open:
            raise self._illegal(to)
        self.trigger_event(event, status=to.value, **fields)

    def _illegal(self, wanted: str) -> IllegalTransition:
        return IllegalTransition("distribution", self.status, wanted, self.allowed)
