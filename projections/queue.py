"""What waits, and for what: counts over the agenda, for people who look at the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

_DEPTHS = """
SELECT priority, step, count(*) FILTER (WHERE due_at <= now()) AS due,
       count(*) FILTER (WHERE due_at > now()) AS later,
       extract(epoch FROM now() - min(due_at) FILTER (WHERE due_at <= now()))::float
           AS oldest_seconds
FROM read.agenda WHERE step IS NOT NULL AND (%(tenant)s::uuid IS NULL OR tenant_id = %(tenant)s)
GROUP BY priority, step ORDER BY priority, step
"""
_AT_WORK = """
SELECT count(*) FROM read.agenda
WHERE lease_until IS NOT NULL AND (%(tenant)s::uuid IS NULL OR tenant_id = %(tenant)s)
"""
_OF_TARGET = """
SELECT count(*) FILTER (WHERE step IN ('deliver', 'remove') AND due_at <= now()) AS due,
       count(*) FILTER (WHERE step IN ('deliver', 'remove') AND due_at > now()) AS later,
       count(*) FILTER (WHERE step = 'prepare') AS preparing,
       count(*) FILTER (WHERE lease_until IS NOT NULL) AS at_work
FROM read.agenda WHERE tenant_id = %s AND target_id = %s
"""
_TOLD = """
SELECT w.reason, count(*) FROM waits w JOIN read.agenda a USING (distribution_id, version)
WHERE a.tenant_id = %s AND a.target_id = %s AND w.until > now() GROUP BY 1
"""
_SHUT = """
SELECT reason, until FROM target_waits WHERE target_id = %s AND version = %s AND until > now()
"""
_FAILED = """
SELECT ended_at, category, detail FROM read.delivery_log
WHERE tenant_id = %s AND target_id = %s AND result = 'failed'
ORDER BY started_position DESC LIMIT 1
"""


@dataclass(frozen=True)
class Depth:
    """`due` may go now, `later` waits for its time; `oldest_seconds` for how long the oldest that
    is due has been."""

    priority: str
    step: str
    due: int
    later: int
    oldest_seconds: float | None


@dataclass(frozen=True)
class Waiting:
    """What a target's distributions do now; `told` counts by reason those told to wait, `shut`
    is the reason for which all of them wait, and `until` when that ends."""

    due: int
    later: int
    preparing: int
    at_work: int
    told: dict[str, int]
    shut: str | None
    until: datetime | None


@dataclass(frozen=True)
class LastFailure:
    """How an attempt failed."""

    at: datetime | None
    category: str | None
    detail: str | None


def depths(connection: Connection[Any], tenant_id: UUID | None) -> tuple[list[Depth], int]:
    """By priority and step, and how many are under way; of all tenants if None."""
    asked = {"tenant": tenant_id}
    with connection.cursor(row_factory=class_row(Depth)) as cursor:
        found = cursor.execute(_DEPTHS, asked).fetchall()
    (at_work,) = connection.execute(_AT_WORK, asked).fetchone() or (0,)
    return found, at_work


def of_target(
    connection: Connection[Any], tenant_id: UUID, target_id: UUID, version: int
) -> Waiting:
    key = (tenant_id, target_id)
    due, later, preparing, at_work = connection.execute(_OF_TARGET, key).fetchone() or (0,) * 4
    told = dict(connection.execute(_TOLD, key).fetchall())
    shut, until = connection.execute(_SHUT, (target_id, version)).fetchone() or (None, None)
    return Waiting(due, later, preparing, at_work, told, shut, until)


def last_failure(
    connection: Connection[Any], tenant_id: UUID, target_id: UUID
) -> LastFailure | None:
    found = connection.execute(_FAILED, (tenant_id, target_id)).fetchone()
    return LastFailure(*found) if found else None
