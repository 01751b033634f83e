"""Every step of a distribution, with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
class Step:
    """One thing that happened to a distribution."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution."]
    position: Annotated[int, "Log position of the event."]
    version: Annotated[int, "Number of the event within the distribution, from 1."]
    at: Annotated[datetime, "When it happened."]
    type: Annotated[str, "Type of the event."]
    status: Annotated[str, "Status of the distribution after it."]
    attempt: Annotated[int, "Number of the last attempt begun; 0 before the first."]
    actor: Annotated[str, "key:<id> of an API key, or process:<name>."]
    correlation_id: Annotated[str, "The request that set it off."]
    summary: Annotated[str, "What happened, in one sentence."]
    evidence: Annotated[dict[str, Any], "What the event holds: files, hashes, paths, answers."]


TIMELINE = Table("timeline", Step, key=("tenant_id", "distribution_id", "position"))

_LAST = """
SELECT tenant_id, distribution_id, status, attempt
FROM unnest(%s::uuid[], %s::uuid[]) AS wanted (tenant_id, distribution_id)
CROSS JOIN LATERAL (
    SELECT status, attempt FROM timeline
    WHERE timeline.tenant_id = wanted.tenant_id
      AND timeline.distribution_id = wanted.distribution_id
    ORDER BY position DESC LIMIT 1
) AS last
"""


class Timeline(Projection):
    """Follows the distributions of all tenants, one row per event."""

    name = "timeline"
    follows = "distribution."
    tables = (TIMELINE,)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        streams = by_stream(batch)
        standing = _standing(cursor, begun_before(streams, DistributionRequested.TOPIC))
        TIMELINE.add(
            cursor,
            (step for key, events in streams.items() for step in _steps(events, standing.get(key))),
        )


def _steps(events: Sequence[Recorded], standing: tuple[str, int] | None) -> Iterator[Step]:
    """The steps of one distribution that had this status and attempt before them."""
    for event in events:
        if event.type == DistributionRequested.TOPIC:
            standing = "", 0
        elif standing is None:
            raise StreamWithoutStart(event)
        status, attempt = standing
        standing = event.data.get("status", status), event.data.get("attempt", attempt)
        yield Step(
            tenant_id=event.tenant_id,
            distribution_id=event.stream_id,
            position=event.position,
            version=event.version,
            at=event.recorded_at,
            type=event.type,
            status=standing[0],
            attempt=standing[1],
            actor=event.actor,
            correlation_id=event.correlation_id,
            summary=summary(event),
            evidence=event.data,
        )


def _standing(
    cursor: Cursor[Any], older: Sequence[tuple[UUID, UUID]]
) -> dict[Key, tuple[str, int]]:
    """Status and attempt of distributions before the batch."""
    if not older:
        return {}
    tenants, distributions = zip(*older, strict=True)
    found = cursor.execute(_LAST, [list(tenants), list(distributions)]).fetchall()
    return {key_of(tenant, id): (status, attempt) for tenant, id, status, attempt in found}


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    distribution_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 100,
) -> Page[Step]:
    """The steps of one distribution, oldest first. Raises InvalidValue for a foreign cursor."""
    where = {"distribution_id = %s": distribution_id}
    return pages.page(
        connection, TIMELINE, tenant_id, where, by="position", cursor=cursor, limit=limit
    )
