"""What is known of a distribution, and which moves are open to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from deadwax.domain.adapted import Adapted
from deadwax.domain.aggregate import Root
from deadwax.domain.errors import IllegalTransition
from deadwax.domain.failures import FailureCategory, Recovery
from deadwax.domain.priority import Priority
from deadwax.domain.states import AT_WORK, HELD, MOVES, Status
from deadwax.domain.texts import Moment
from deadwax.domain.uploads import PRIMARY, Upload, other, paths_of

if TYPE_CHECKING:
    from deadwax.domain.distribution_events import DistributionRequested


ALONE_AFTER = 2
MOST_DEATHS = 10
"""Attempts in a row that went silent: after so many it is tried without others, and then not
again until a person asks. Workers that are killed for other reasons rarely hit one so often."""

_UPDATABLE = frozenset(status for status in MOVES if Status.UPDATING in MOVES[status])


@dataclass(frozen=True)
class Before:
    """What there was before an update was asked for."""

    status: Status
    kind: str
    message: dict[str, Any] | None
    ends: str | None


class DistributionState(Root):
    """`since` is when it came to its status, `waits_since` when it began to wait to be delivered,
    which an attempt that ends without delivering does not change; `kind` is what is to be sent next
    or is under way (initial, update, takedown, purge); `message` the composed message, kept over
    all its attempts; `ends` the Moment at which a takedown takes effect, if later than at once;
    `token` the fencing token of the attempt that holds the lease; `failures` those in a row,
    `failed_as` how many of each category (`outcome_unknown` where it was not seen), `deaths` the
    attempts in a row that went silent, `recovery` what was decided after the last failure; `route`
    the way that the upload takes or would take next; `uploads` what was brought to the platform and
    is not known to be published; `shown` the paths of each message whose publishing began; `icpn`
    what the platform knows the release by; `sent` and `confirmed` the two sides of the evidence;
    `at_platform` the messages that the platform may have: published, and neither rejected nor
    removed since; `told` the message sent last, `accepted` the one that it accepted last (or got,
    if it never answers), neither rejected nor removed since; `taken_down` whether a takedown was
    sent or a removal confirmed, and nothing offered since; `forced` whether an update is sent with
    all files, whatever the platform knows; `assignee` who looks after what went wrong; `adapted`
    the form of audio that is sent since the platform refused another.
    """

    if TYPE_CHECKING:
        release_id: UUID
        target_id: UUID
        mode: str
        status: Status
        since: datetime
        waits_since: datetime
        priority: Priority
        kind: str
        message: dict[str, Any] | None
        ends: str | None
        publishing: bool
        attempt: int
        failures: int
        failed_as: dict[str, int]
        deaths: int
        recovery: str | None
        route: str
        uploads: tuple[Upload, ...]
        shown: dict[str, frozenset[str]]
        token: int
        due_at: str | None
        not_before: str | None
        suspended_from: Status
        icpn: str | None
        sent: list[str]
        confirmed: list[tuple[str, str]]
        at_platform: list[str]
        told: dict[str, Any] | None
        accepted: dict[str, Any] | None
        taken_down: bool
        before: Before | None
        forced: bool
        assignee: str | None
        adapted: Adapted | None

    # -- called by events: these only assign

    def begin(self, event: DistributionRequested) -> None:
        self.release_id = UUID(event.release_id)
        self.target_id = UUID(event.target_id)
        self.mode = event.mode
        self.status, self.since = Status(event.status), event.timestamp
        self.waits_since = event.timestamp
        self.priority = Priority(event.priority)
        self.not_before = event.not_before
        self.attempt = self.token = 0
        self.due_at = self.icpn = self.assignee = None
        self.sent, self.confirmed, self.at_platform = [], [], []
        self.told = self.accepted = None
        self.taken_down = False
        self.uploads, self.shown = (), {}
        self.adapted = None
        self.start_afresh("initial")

    def start_afresh(self, kind: str, ends: str | None = None) -> None:
        self.kind, self.ends = kind, ends
        self.message = self.before = None
        self.publishing = self.forced = False
        self.forgive()

    def forgive(self) -> None:
        """Count failures from none again, and take the usual way."""
        self.failures = self.deaths = 0
        self.failed_as = {}
        self.recovery = None
        if not self.publishing:  # or its outcome would be looked for at the wrong place
            self.route = PRIMARY

    def note_failure(self, category: str, recovery: str | None) -> None:
        self.failures += 1
        self.failed_as = self.failed_as | {category: self.failed_as.get(category, 0) + 1}
        self.deaths, self.recovery = 0, recovery
        if recovery == Recovery.ALTERNATIVE_ROUTE:
            self.route = other(self.route)

    def note_upload(self, route: str) -> None:
        """What else had been uploaded was removed before, as far as that could be."""
        self.route = route
        if self.message is None:
            return
        same = [u for u in self.uploads if u.message["id"] == self.message["id"]]
        known = [u for u in same if u.route == route]
        self.uploads = (*known, *(() if known else (Upload(self.message, route),)))

    def start_update(self, *, forced: bool) -> None:
        before = Before(self.status, self.kind, self.message, self.ends)
        self.start_afresh("update")
        self.before, self.forced = before, forced

    def end_update(self) -> None:
        if self.before:
            before = self.before
            self.start_afresh(before.kind, before.ends)
            self.message = before.message

    def note_publishing(self, message_id: str) -> None:
        self.publishing = True
        self.at_platform = [*self.at_platform, message_id]
        self.uploads = tuple(replace(u, shown=True) for u in self.uploads)
        if self.message:
            self.shown = self.shown | {message_id: paths_of(self.message)}

    def note_unpublished(self) -> None:
        """If the publishing of the message had begun: it is established that it did not happen."""
        if self.publishing and self.message:
            id = self.message["id"]
            self.note_absence(id)
            self.shown = {known: paths for known, paths in self.shown.items() if known != id}

    def note_absence(self, message_id: str) -> None:
        self.publishing = False
        self.at_platform = [known for known in self.at_platform if known != message_id]
        if self.told and self.told["id"] == message_id:
            self.told = self.accepted
        if self.accepted and self.accepted["id"] == message_id:
            self.told = self.accepted = None

    def note_removal(self) -> None:
        self.at_platform = []
        self.told = self.accepted = None
        self.taken_down = True

    def note_stated(self, status: Status, mark: str) -> None:
        """A person said that it is `status`. What the platform has without a message of ours
        that says so goes by `mark`."""
        sent = self.message if self.was_sent else None
        self.before = None
        self.forgive()
        if status in HELD:
            self.taken_down = False
            if self.kind in ("takedown", "purge"):
                self.start_afresh("update")
            elif sent:
                self.told = self.accepted = sent
                mark = sent["id"]
            if not self.at_platform or (sent and mark == sent["id"]):
                self.at_platform = [*(id for id in self.at_platform if id != mark), mark]
        elif status is Status.REJECTED and sent:
            self.note_absence(sent["id"])
            self.taken_down = self.taken_down and self.kind != "takedown"
        elif status is Status.CANCELLED:
            self.at_platform = []
            self.told = self.accepted = None

    def note_confirmation(self, message_id: str, evidence: dict[str, Any]) -> None:
        self.confirmed = [*self.confirmed, (message_id, evidence.get("sha256", ""))]

    # -- read by commands

    @property
    def was_sent(self) -> bool:
        """Whether the message composed last was sent whole."""
        return self.message is not None and self.message["id"] in self.sent

    @property
    def leftovers(self) -> list[Upload]:
        """Uploads that certainly never were published."""
        return [u for u in self.uploads if u.message["id"] not in (*self.at_platform, *self.sent)]

    @property
    def may_change_route(self) -> bool:
        """Whether it is certain that the platform has seen nothing of the message by the way
        that was taken."""
        return not self.publishing and not any(u.is_visible for u in self.uploads)

    @property
    def is_suspect(self) -> bool:
        """Whether it may be what ends its attempts, so that others should not share them."""
        return self.deaths >= ALONE_AFTER or FailureCategory.UNKNOWN in self.failed_as

    @property
    def known(self) -> dict[str, Any] | None:
        """The message that the platform goes by, as far as that is certain: it accepted it, and
        nothing was sent since."""
        return self.told if self.accepted is not None and self.told == self.accepted else None

    @property
    def awaited_since(self) -> datetime:
        """From when an answer of the platform is overdue, but for its lead time: what takes
        effect later is not answered before."""
        effect = Moment(self.ends).span()[1] if self.ends else self.since
        return max(self.since, effect)

    @property
    def removes_at_once(self) -> bool:
        """Whether what is sent next takes the release away, and not at a later time."""
        return self.kind in ("takedown", "purge") and not self.ends

    @property
    def allowed(self) -> list[str]:
        """The statuses that it can move to now."""
        return sorted(self._open)

    @property
    def _open(self) -> frozenset[Status]:
        """The moves of the table, without those closed by what the platform has."""
        closed = {Status.CANCELLED if self.at_platform else Status.TAKEDOWN_REQUESTED}
        if self.kind == "purge" or (self.kind == "takedown" and not self.ends):
            closed |= {Status.TAKEDOWN_REQUESTED, Status.UPDATING}
        if not self._can_be_purged:
            closed.add(Status.PURGE_REQUESTED)
        if self.kind != "purge":
            closed.add(Status.PURGED)
        if self.status is Status.PREPARING:
            closed |= _UPDATABLE - {self.before.status if self.before else None}
        if self.publishing and self.status in AT_WORK:  # or the takedown might arrive first
            closed.add(Status.TAKEDOWN_REQUESTED)
        return MOVES[self.status] - closed

    @property
    def _can_be_purged(self) -> bool:
        """Only what was taken down: a takedown comes first, and a purge of its own."""
        pending = self.kind == "takedown" and not self.ends and not self.publishing
        rests = self.status in (Status.REMOVED, Status.CANCELLED)
        return self.taken_down and (rests or pending)

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
