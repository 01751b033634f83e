"""Every event there is: who did what, when, to what, because of which request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg import Connection, Cursor

from deadwax.application.log import Recorded
from deadwax.domain.distribution_events import DistributionRequested
from deadwax.projections import pages
from deadwax.projections.base import (
    Key,
    Projection,
    StreamWithoutStart,
    begun_before,
    by_stream,
    key_of,
)
from deadwax.projections.pages import Page
from deadwax.projections.summaries import summary
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class Entry:
    """One event, as an auditor reads it."""

    tenant_id: Annotated[UUID, "Tenant; all zeros for the system itself."]
    position: Annotated[int, "Log position of the event."]
    event_id: Annotated[UUID, "Event; what the causation_id of its consequences names."]
    at: Annotated[datetime, "When it happened."]
    actor: Annotated[str, "key:<id> of an API key, or process:<name>."]
    correlation_id: Annotated[str, "The request that set it off, the same over all consequences."]
    causation_id: Annotated[str | None, "The event or request that led to it directly."]
    stream_type: Annotated[
        str,
        "release, distribution, target, tenant, asset, rendition, rendition_order, api_key,"
        " code_book, code_page, schedule, date_warning,"
        " acknowledgement, collection, bulk or bulk_results.",
    ]
    stream_id: Annotated[UUID, "Id of that release, distribution and so on."]
    version: Annotated[int, "Number of the event within its stream, from 1."]
    type: Annotated[str, "Type of the event."]
    release_id: Annotated[UUID | None, "Release it is about, if one."]
    target_id: Annotated[UUID | None, "Delivery target it is about, if one."]
    changes: Annotated[dict[str, Any], "Field by field: {from, to} if amended, else the values."]
    summary: Annotated[str, "What happened, in one sentence."]


AUDIT_TRAIL = Table(
    "audit_trail",
    Entry,
    key=("tenant_id", "position"),
    indexes=(
        "(tenant_id, stream_id, version)",
        "(tenant_id, correlation_id, position)",
        "(tenant_id, actor, position)",
        "(tenant_id, at)",
    ),
)

_HIDDEN = "secret_sha256"
_FIRST = """
SELECT tenant_id, stream_id, release_id, target_id
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (tenant_id, stream_id)
JOIN audit_trail USING (tenant_id, stream_id)
WHERE version = 1
"""
Subject = tuple[UUID | None, UUID | None]


class AuditTrail(Projection):
    """Follows everything, one row per event."""

    name = "audit_trail"
    follows = ""
    tables = (AUDIT_TRAIL,)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        subjects = _subjects(cursor, batch)
        AUDIT_TRAIL.add(cursor, (_entry(event, subjects) for event in batch))


def _entry(event: Recorded, subjects: dict[Key, Subject]) -> Entry:
    stream_type = event.type.partition(".")[0]
    release_id, target_id = _subject(event, stream_type, subjects)
    return Entry(
        tenant_id=event.tenant_id,
        position=event.position,
        event_id=event.event_id,
        at=event.recorded_at,
        actor=event.actor,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        stream_type=stream_type,
        stream_id=event.stream_id,
        version=event.version,
        type=event.type,
        release_id=release_id,
        target_id=target_id,
        changes=_changes(event.data),
        summary=summary(event),
    )


def _changes(data: dict[str, Any]) -> dict[str, Any]:
    """A key's hash is of no use to an auditor, and of some to a thief."""
    if _HIDDEN in data:
        return data | {_HIDDEN: "hidden"}
    changes: dict[str, Any] = data.get("changes", data)
    return changes


def _subject(event: Recorded, stream_type: str, subjects: dict[Key, Subject]) -> Subject:
    """The release and the target that an event is about."""
    if stream_type == "distribution":
        subject = subjects.get((event.tenant_id.int, event.stream_id.int))
        if subject is None:
            raise StreamWithoutStart(event)
        return subject
    if stream_type == "code_page" and "release_id" in event.data:
        return UUID(event.data["release_id"]), None
    if stream_type in ("acknowledgement", "collection"):
        return None, UUID(event.data["target_id"])
    if stream_type == "date_warning":
        stated = event.data.get("release_id"), event.data.get("target_id")
        return UUID(stated[0]) if stated[0] else None, UUID(stated[1]) if stated[1] else None
    return (
        event.stream_id if stream_type == "release" else None,
        event.stream_id if stream_type == "target" else None,
    )


def _subjects(cursor: Cursor[Any], batch: Sequence[Recorded]) -> dict[Key, Subject]:
    """Release and target of distributions, which only their first event names."""
    streams = by_stream(e for e in batch if e.type.startswith("distribution."))
    subjects: dict[Key, Subject] = {
        key: (UUID(events[0].data["release_id"]), UUID(events[0].data["target_id"]))
        for key, events in streams.items()
        if events[0].type == DistributionRequested.TOPIC
    }
    older = begun_before(streams, DistributionRequested.TOPIC)
    if older:
        tenants, ids = zip(*older, strict=True)
        for tenant, id, *subject in cursor.execute(_FIRST, [list(tenants), list(ids)]).fetchall():
            subjects[key_of(tenant, id)] = (subject[0], subject[1])
    return subjects


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    stream_type: str | None = None,
    stream_id: UUID | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    actor: str | None = None,
    type: str | None = None,
    correlation_id: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[Entry]:
    """What happened for the tenant, oldest first, from `since` to before `until`. Raises
    InvalidValue for a foreign cursor."""
    where = {
        "stream_type = %s": stream_type,
        "stream_id = %s": stream_id,
        "release_id = %s": release_id,
        "target_id = %s": target_id,
        "actor = %s": actor,
        "type = %s": type,
        "correlation_id = %s": correlation_id,
        "at >= %s": since,
        "at < %s": until,
    }
    return pages.page(
        connection, AUDIT_TRAIL, tenant_id, where, by="position", cursor=cursor, limit=limit
    )
