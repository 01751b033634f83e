"""The states of a distribution and the moves between them: one table, drawn in the docs."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    CREATED = "created"
    VALIDATING = "validating"
    QUEUED = "queued"
    SCHEDULED = "scheduled"
    PREPARING = "preparing"
    UPLOADING = "uploading"
    PROCESSING_BY_PLATFORM = "processing_by_platform"
    DISTRIBUTED = "distributed"
    LIVE = "live"
    FAILED = "failed"
    RETRYING = "retrying"
    NEEDS_ATTENTION = "needs_attention"
    UPDATING = "updating"
    UPDATED = "updated"
    TAKEDOWN_REQUESTED = "takedown_requested"
    REMOVED = "removed"
    PURGE_REQUESTED = "purge_requested"
    PURGED = "purged"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    OUTCOME_UNKNOWN = "outcome_unknown"


def _table(text: str) -> dict[Status, frozenset[Status]]:
    rows = (line.split(":") for line in text.strip().splitlines())
    return {Status(row[0].strip()): frozenset(map(Status, row[1].split())) for row in rows}


MOVES: dict[Status, frozenset[Status]] = _table(
    """
created: validating cancelled suspended
validating: queued scheduled needs_attention cancelled suspended
queued: preparing cancelled suspended takedown_requested
scheduled: queued cancelled suspended
preparing: uploading queued retrying needs_attention failed cancelled takedown_requested \
processing_by_platform distributed live updated
uploading: processing_by_platform distributed updated removed purged queued retrying \
needs_attention failed outcome_unknown cancelled takedown_requested
processing_by_platform: distributed live updated removed purged rejected needs_attention \
updating takedown_requested purge_requested
distributed: live removed rejected updating takedown_requested
live: removed rejected updating takedown_requested
updated: live removed rejected updating takedown_requested
failed: queued cancelled takedown_requested
retrying: preparing queued cancelled suspended takedown_requested
needs_attention: validating queued outcome_unknown processing_by_platform distributed live \
updated removed purged rejected cancelled takedown_requested purge_requested
updating: preparing suspended takedown_requested
takedown_requested: preparing
removed: validating purge_requested
purge_requested: preparing cancelled
purged: validating
rejected: queued cancelled takedown_requested
cancelled: validating purge_requested
suspended: validating queued cancelled takedown_requested
outcome_unknown: processing_by_platform distributed updated removed purged queued failed \
needs_attention takedown_requested
""".replace("\\\n", "")
)

WAITING_FOR_WORKER = frozenset(
    {
        Status.CREATED,
        Status.VALIDATING,
        Status.QUEUED,
        Status.UPDATING,
        Status.TAKEDOWN_REQUESTED,
        Status.PURGE_REQUESTED,
        Status.OUTCOME_UNKNOWN,
    }
)
"""A worker should take the next step now."""

WAITING_FOR_TIME = frozenset({Status.SCHEDULED, Status.RETRYING})
"""A worker should take the next step at a time stated in the event."""

AT_WORK = frozenset({Status.PREPARING, Status.UPLOADING})
"""A worker holds the lease."""

WAITING_FOR_PLATFORM = frozenset(
    {
        Status.PROCESSING_BY_PLATFORM,
        Status.DISTRIBUTED,
        Status.UPDATED,
        Status.LIVE,
        Status.NEEDS_ATTENTION,
        Status.OUTCOME_UNKNOWN,
    }
)
"""The platform may still tell us something that moves it on: also of what is live, and of what
a person looks into."""

GONE = frozenset({Status.REMOVED, Status.PURGED})
"""The platform has the release no longer."""

HELD = frozenset({Status.DISTRIBUTED, Status.LIVE, Status.UPDATED})
"""The platform has the release."""

FAILING = frozenset({Status.RETRYING, Status.FAILED, Status.NEEDS_ATTENTION, Status.REJECTED})
"""Something went wrong that is not overcome."""

STATED_BY_PEOPLE = HELD | GONE | {Status.REJECTED, Status.FAILED, Status.CANCELLED}
"""What a person can know, who asked the platform, against what we have seen."""


class Group(StrEnum):
    """How a status counts in the overall status of a release."""

    COMPLETED = "completed"
    FAILED = "failed"
    NEEDS_ATTENTION = "needs_attention"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"


GROUPS: dict[Status, Group] = {status: Group.IN_PROGRESS for status in Status} | {
    Status.DISTRIBUTED: Group.COMPLETED,
    Status.LIVE: Group.COMPLETED,
    Status.UPDATED: Group.COMPLETED,
    Status.FAILED: Group.FAILED,
    Status.NEEDS_ATTENTION: Group.NEEDS_ATTENTION,
    Status.REJECTED: Group.NEEDS_ATTENTION,
    Status.REMOVED: Group.CLOSED,
    Status.PURGED: Group.CLOSED,
    Status.CANCELLED: Group.CLOSED,
}


def overall(counts: dict[Group, int]) -> str:
    """The status of a release over all its distributions.

    Distributions that are closed (removed, purged, cancelled) do not count beside others; a
    release with nothing else is partial.
    """
    if not any(counts.values()):
        return "not_started"
    total = sum(n for group, n in counts.items() if group is not Group.CLOSED)
    if total == 0:
        return "partial"
    if counts.get(Group.COMPLETED, 0) == total:
        return "completed"
    if counts.get(Group.FAILED, 0) == total:
        return "failed"
    if counts.get(Group.NEEDS_ATTENTION, 0):
        return "needs_attention"
    if counts.get(Group.IN_PROGRESS, 0):
        return "in_progress"
    return "partial"
