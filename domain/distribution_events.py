"""What can happen to a distribution. Every event says which status it leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from deadwax.domain.adapted import Adapted
from deadwax.domain.aggregate import Created, Event
from deadwax.domain.priority import Priority
from deadwax.domain.states import GONE, Status
from deadwax.domain.uploads import PRIMARY

if TYPE_CHECKING:
    from deadwax.domain.distribution_state import DistributionState


@dataclass(frozen=True)
class Moved(Event):
    """Base: `status` is the status after the event, stored so that readers need no rules."""

    status: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.status = Status(self.status)
        aggregate.since = self.timestamp
        aggregate.due_at = None
        if aggregate.status in GONE:
            aggregate.note_removal()


@dataclass(frozen=True)
class DistributionRequested(Created):
    """`not_before` is an ISO time with zone, before which nothing is sent; `priority` one of
    `domain.priority`."""

    TOPIC = "distribution.requested"
    class_version: ClassVar[int] = 2
    release_id: str
    target_id: str
    mode: str
    not_before: str | None
    status: str
    priority: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["priority"] = Priority.NORMAL.value

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.begin(self)


@dataclass(frozen=True)
class RequestRenewed(Moved):
    """A removed or cancelled distribution is wanted again."""

    TOPIC = "distribution.request_renewed"
    not_before: str | None

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.not_before = self.not_before
        aggregate.start_afresh("initial")


@dataclass(frozen=True)
class ValidationStarted(Moved):
    """What went wrong before counts no more: a person wants it tried again, or it is new."""

    TOPIC = "distribution.validation_started"

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.forgive()
        aggregate.adapted = None


BEGINS_TO_WAIT = frozenset({"validated", "due", "retry_requested", "resumed", "content_adapted"})
"""Reasons to be queued with which it begins to wait to be delivered; by others it goes on."""


@dataclass(frozen=True)
class Queued(Moved):
    """`reason`: validated, due, retry_requested, resumed; content_adapted when the platform
    rejected the form of the files; back from an attempt: lease_expired, stopped, overtaken,
    others_failed, not_delivered, rendition_missing."""

    TOPIC = "distribution.queued"
    reason: str

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.note_unpublished()
        if self.reason in BEGINS_TO_WAIT:
            aggregate.waits_since = self.timestamp
        if self.reason == "lease_expired":
            aggregate.deaths += 1
        if self.reason == "retry_requested":
            aggregate.forgive()
            aggregate.adapted = None
        if self.reason in ("retry_requested", "content_adapted") and aggregate.was_sent:
            aggregate.message = None  # it was rejected: the next one is another message


@dataclass(frozen=True)
class Scheduled(Moved):
    TOPIC = "distribution.scheduled"
    due_at: str

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.due_at = self.due_at


@dataclass(frozen=True)
class AttentionNeeded(Moved):
    """A person must act. `problems` are {code, field, message, fix}."""

    TOPIC = "distribution.attention_needed"
    category: str
    problems: list[dict[str, Any]]


@dataclass(frozen=True)
class AttemptStarted(Moved):
    """A worker took the lease; the version of this event is its fencing token."""

    TOPIC = "distribution.attempt_started"
    attempt: int
    kind: str
    worker: str
    lease_until: str

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.attempt = self.attempt
        aggregate.token = self.originator_version


@dataclass(frozen=True)
class MessageComposed(Event):
    """The message was fixed: ids, times, bytes. Every later attempt sends this one.

    `message` holds id, thread_id, kind, batch_id, icpn, grid, created_at, ern, schema, builder,
    xml_sha256, manifest_sha256 and `files`: {path, role, sha256, size} in upload order. What
    shaped it: `sources` (versions of release, target, tenant), `with_files`, `withdrawn_from`,
    `ends`, `form` of the files (names of recipes) and `renditions`: their ids by the SHA-256 of
    what was uploaded. What it stands on: `resources` {uri, sha256} that the platform has or gets
    with it, `proof` of the rights, `changes` since the message before, `omitted` and `made_with`.
    `supersedes` is the id of a message that was composed for the same and never published.
    Earlier messages lack some of these.
    """

    TOPIC = "distribution.message_composed"
    message: dict[str, Any]

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.message = self.message
        aggregate.uploads = ()


@dataclass(frozen=True)
class ContentAdapted(Event):
    """The platform refused the form `refused` of the audio (a recipe, None: as uploaded); what is
    sent next has the form `audio`, as long as the target's own is `own`."""

    TOPIC = "distribution.content_adapted"
    own: str | None
    refused: str | None
    audio: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.adapted = Adapted(self.own, self.audio)


@dataclass(frozen=True)
class UploadStarted(Moved):
    """`route` is how it goes to the platform: primary, or fallback."""

    TOPIC = "distribution.upload_started"
    class_version: ClassVar[int] = 2
    message_id: str
    route: str

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["route"] = PRIMARY

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.note_upload(self.route)


@dataclass(frozen=True)
class PublishingStarted(Event):
    """From here on the platform may have the message, whatever happens to us."""

    TOPIC = "distribution.publishing_started"
    message_id: str

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.note_publishing(self.message_id)


@dataclass(frozen=True)
class Sent(Moved):
    """What we sent. `evidence`: endpoint, host_key, files {path, size, sha256}, bytes newly
    sent, seconds, `route`; `found` when a later look at the server established it; `receipt` is
    the SHA-256 of the kept receipt, `signature` by the installation's `key`."""

    TOPIC = "distribution.sent"
    message_id: str
    kind: str
    evidence: dict[str, Any]

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.publishing = False
        aggregate.forgive()
        aggregate.uploads = ()
        aggregate.sent = [*aggregate.sent, self.message_id]
        aggregate.icpn = (aggregate.message or {}).get("icpn")
        aggregate.told = aggregate.message
        aggregate.taken_down = self.kind in ("takedown", "purge") and aggregate.ends is None
        if self.status != Status.PROCESSING_BY_PLATFORM:  # no answer is to be expected
            aggregate.accepted = aggregate.message
        super().apply(aggregate)


@dataclass(frozen=True)
class AttemptFailed(Moved):
    """`retry_at` is an ISO time, None where nothing is tried again by itself. `strategy` is the
    Recovery by which that was decided, `advice` the code of what a person should do; both are
    None in what was stored before they were."""

    TOPIC = "distribution.attempt_failed"
    class_version: ClassVar[int] = 2
    attempt: int
    category: str
    detail: str
    retry_at: str | None
    strategy: str | None
    advice: str | None

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["strategy"] = state["advice"] = None

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.note_failure(self.category, self.strategy)
        aggregate.due_at = self.retry_at
        aggregate.note_unpublished()


@dataclass(frozen=True)
class OutcomeBecameUnknown(Moved):
    """Publishing began and its end was not seen; resolved by looking, never by resending."""

    TOPIC = "distribution.outcome_became_unknown"
    detail: str

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        if self.detail == "retry_requested":
            aggregate.forgive()
        else:
            aggregate.note_failure(self.status, None)


@dataclass(frozen=True)
class Confirmed(Moved):
    """Base: what the platform (or a person, with evidence) confirmed of one message.

    `evidence`: source, path, sha256 of the file kept in the asset store, status, information.
    """

    message_id: str
    evidence: dict[str, Any]

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.note_confirmation(self.message_id, self.evidence)


@dataclass(frozen=True)
class Accepted(Confirmed):
    TOPIC = "distribution.accepted"

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.accepted = aggregate.message
        super().apply(aggregate)


@dataclass(frozen=True)
class WentLive(Confirmed):
    TOPIC = "distribution.went_live"

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.accepted = aggregate.message
        super().apply(aggregate)


@dataclass(frozen=True)
class RemovalConfirmed(Confirmed):
    TOPIC = "distribution.removal_confirmed"


@dataclass(frozen=True)
class Rejected(Confirmed):
    TOPIC = "distribution.rejected"

    def apply(self, aggregate: DistributionState) -> None:
        super().apply(aggregate)
        aggregate.note_absence(self.message_id)
        if aggregate.kind == "takedown":
            aggregate.taken_down = False


@dataclass(frozen=True)
class AcknowledgementNoted(Event):
    """Evidence that changes nothing: late, overtaken, or of a message not known to be sent."""

    TOPIC = "distribution.acknowledgement_noted"
    message_id: str
    outcome: str
    evidence: dict[str, Any]

    def apply(self, aggregate: DistributionState) -> None:
        aggregate.note_confirmation(self.message_id, self.evidence)
