"""Every attempt to deliver: who tried, how long, how much, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from deadwax.application.log import Recorded
from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.projections import pages
from deadwax.projections.base import (
    Projection,
    StreamWithoutStart,
    UnknownEvent,
    begun_before,
    by_stream,
    key_of,
)
from deadwax.projections.distribution_moves import MOVING, STAYING
from deadwax.projections.pages import Page
from deadwax.projections.table import Table

RUNNING = "running"


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One attempt to deliver a message to a target."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution."]
    attempt: Annotated[int, "Number of the attempt within the distribution, from 1."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    kind: Annotated[str, "initial, update, takedown or purge."]
    worker: Annotated[str, "Who made the attempt."]
    started_at: Annotated[datetime, "When it began."]
    ended_at: Annotated[datetime | None, "When it ended."] = None
    result: Annotated[
        str,
        "running, sent, failed, gave_back, outcome_unknown, not_delivered, needs_attention,"
        " unchanged or withdrawn.",
    ] = RUNNING
    category: Annotated[str | None, "Failure category."] = None
    detail: Annotated[str | None, "Why it ended so, in words."] = None
    message_id: Annotated[str | None, "Message."] = None
    bytes: Annotated[
        int | None, "Bytes newly sent; what the target had already is not counted."
    ] = None
    files: Annotated[int | None, "Files that stand at the target."] = None
    seconds: Annotated[float | None, "Time of the transfer."] = None
    started_position: Annotated[int, "Log position at which it began: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


@dataclass(slots=True, kw_only=True)
class Subject:
    """What a distribution's attempts are about; an attempt's own events do not say it."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    attempt: Annotated[int, "Number of the last attempt begun; 0 before the first."] = 0


ATTEMPTS = Table(
    "delivery_log",
    Attempt,
    key=("tenant_id", "distribution_id", "attempt"),
    indexes=("(tenant_id, started_position)", "(tenant_id, target_id, started_position)"),
)
SUBJECTS = Table("delivery_subjects", Subject, key=("tenant_id", "distribution_id"))


def _end(row: Attempt, event: Recorded, result: str, detail: str | None) -> None:
    row.result, row.detail = result, detail
    row.ended_at = row.ended_at or event.recorded_at


def _composed(row: Attempt, event: Recorded) -> None:
    row.message_id = event.data["message"]["id"]


def _upload_started(row: Attempt, event: Recorded) -> None:
    row.message_id = event.data["message_id"]


def _sent(row: Attempt, event: Recorded) -> None:
    evidence = event.data["evidence"]
    found = evidence.get("found")
    _end(row, event, "sent", f"found by {found}" if found else None)
    row.category = None
    row.message_id = event.data["message_id"]
    row.files = len(evidence["files"]) if "files" in evidence else None
    row.bytes = evidence.get("bytes")
    row.seconds = float(evidence["seconds"]) if "seconds" in evidence else None


def _failed(row: Attempt, event: Recorded) -> None:
    _end(row, event, "failed", event.data["detail"])
    row.category = event.data["category"]


def _queued(row: Attempt, event: Recorded) -> None:
    reason = event.data["reason"]
    if row.result == RUNNING:
        _end(row, event, "gave_back", reason)
    elif reason == "not_delivered":
        _end(row, event, "not_delivered", row.detail)


def _unknown(row: Attempt, event: Recorded) -> None:
    if row.result == RUNNING:
        _end(row, event, "outcome_unknown", event.data["detail"])


def _attention(row: Attempt, event: Recorded) -> None:
    if row.result == RUNNING:
        told = "; ".join(problem["message"] for problem in event.data["problems"])
        _end(row, event, "needs_attention", told)
        row.category = event.data["category"]


def _withdrawn(row: Attempt, event: Recorded) -> None:
    if row.result == RUNNING:
        _end(row, event, "withdrawn", event.data["reason"])


def _unchanged(row: Attempt, event: Recorded) -> None:
    _end(row, event, "unchanged", "The update would have said nothing new.")


_STEPS: dict[str, Callable[[Attempt, Recorded], None]] = {
    d.MessageComposed.TOPIC: _composed,
    d.UploadStarted.TOPIC: _upload_started,
    d.Sent.TOPIC: _sent,
    d.AttemptFailed.TOPIC: _failed,
    d.Queued.TOPIC: _queued,
    d.OutcomeBecameUnknown.TOPIC: _unknown,
    d.AttentionNeeded.TOPIC: _attention,
    asked.Cancelled.TOPIC: _withdrawn,
    asked.TakedownRequested.TOPIC: _withdrawn,
    asked.UpdateFoundUnchanged.TOPIC: _unchanged,
}
_OF_NO_ATTEMPT = (MOVING | STAYING) - _STEPS.keys()


class DeliveryLog(Projection):
    """Follows the attempts of all tenants, one row each."""

    name = "delivery_log"
    follows = "distribution."
    tables = (ATTEMPTS, SUBJECTS)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        streams = by_stream(batch)
        older = SUBJECTS.get(cursor, begun_before(streams, d.DistributionRequested.TOPIC))
        subjects = {key_of(row.tenant_id, row.distribution_id): row for row in older}
        begun = [(row.tenant_id, row.distribution_id, row.attempt) for row in older if row.attempt]
        running = {
            key_of(row.tenant_id, row.distribution_id): row for row in ATTEMPTS.get(cursor, begun)
        }
        attempts: list[Attempt] = []
        for key, events in streams.items():
            subjects[key] = _follow(events, subjects.get(key), running.get(key), attempts)
        SUBJECTS.put(cursor, list(subjects.values()))
        ATTEMPTS.put(cursor, attempts)


def _follow(
    events: Sequence[Recorded],
    subject: Subject | None,
    last: Attempt | None,
    attempts: list[Attempt],
) -> Subject:
    """Add the attempts of one distribution that are new or change, `last` among them."""
    if last:
        attempts.append(last)
    for event in events:
        if event.type == d.DistributionRequested.TOPIC:
            subject = _subject(event)
            continue
        if subject is None:
            raise StreamWithoutStart(event)
        if event.type == d.AttemptStarted.TOPIC:
            last = _attempt(subject, event)
            attempts.append(last)
            subject.attempt = last.attempt
        elif event.type in _STEPS:
            if last:
                _STEPS[event.type](last, event)
                last.position = event.position
        elif event.type not in _OF_NO_ATTEMPT:
            raise UnknownEvent(event)
    assert subject is not None
    return subject


def _subject(event: Recorded) -> Subject:
    return Subject(
        tenant_id=event.tenant_id,
        distribution_id=event.stream_id,
        release_id=UUID(event.data["release_id"]),
        target_id=UUID(event.data["target_id"]),
    )


def _attempt(subject: Subject, event: Recorded) -> Attempt:
    return Attempt(
        tenant_id=event.tenant_id,
        distribution_id=event.stream_id,
        attempt=event.data["attempt"],
        release_id=subject.release_id,
        target_id=subject.target_id,
        kind=event.data["kind"],
        worker=event.data["worker"],
        started_at=event.recorded_at,
        started_position=event.position,
        position=event.position,
    )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    distribution_id: UUID | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    result: str | None = None,
    category: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Attempt]:
    """The tenant's attempts in the order they began, from `since` to before `until`. Raises
    InvalidValue for a foreign cursor."""
    where = {
        "distribution_id = %s": distribution_id,
        "release_id = %s": release_id,
        "target_id = %s": target_id,
        "result = %s": result,
        "category = %s": category,
        "started_at >= %s": since,
        "started_at < %s": until,
    }
    return pages.page(
        connection, ATTEMPTS, tenant_id, where, by="started_position", cursor=cursor, limit=limit
    )


@dataclass(frozen=True)
class TargetTotals:
    """The attempts on one target. `success_rate` is sent / ended attempts, None before one
    has ended; `bytes` were newly sent."""

    target_id: UUID
    attempts: int
    sent: int
    ended: int
    bytes: int
    success_rate: float | None


def totals(connection: Connection[Any], tenant_id: UUID) -> list[TargetTotals]:
    """How deliveries went on each of the tenant's targets."""
    with connection.cursor(row_factory=class_row(TargetTotals)) as cursor:
        return cursor.execute(_TOTALS, [tenant_id]).fetchall()


_TOTALS = """
SELECT target_id, attempts, sent, ended, bytes, sent::float / nullif(ended, 0) AS success_rate
FROM (
    SELECT target_id,
           count(*) AS attempts,
           count(*) FILTER (WHERE result = 'sent') AS sent,
           count(ended_at) AS ended,
           coalesce(sum(bytes), 0)::bigint AS bytes
    FROM read.delivery_log WHERE tenant_id = %s GROUP BY target_id
) AS of_target
ORDER BY target_id
"""
