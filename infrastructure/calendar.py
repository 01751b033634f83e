"""What schedules and the calendar read: the database's clock, and the read models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

from deadwax.application.calendar import Wanted
from deadwax.application.errors import NotYet
from deadwax.application.run_schedules import STEP
from deadwax.domain.plain import from_plain
from deadwax.domain.release_planning import Opening
from deadwax.domain.schedule_terms import Terms
from deadwax.domain.states import Status
from deadwax.projections.positions import ReadModelBehind, wait_for
from deadwax.projections.releases import Releases
from deadwax.projections.status_board import StatusBoard

Pool = ConnectionPool[psycopg.Connection]


class PostgresClock:
    """One clock for all processes, whatever their machines believe."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def __call__(self) -> datetime:
        with self._pool.connection() as connection:
            row = connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        at: datetime = row[0]
        return at.astimezone(UTC)


_SELECT = """
SELECT distribution_id FROM read.status_board JOIN read.releases USING (tenant_id, release_id)
WHERE tenant_id = %(tenant)s AND status_board.status = ANY(%(statuses)s)
  AND (%(releases)s::uuid[] = '{}' OR release_id = ANY(%(releases)s))
  AND (%(targets)s::uuid[] = '{}' OR target_id = ANY(%(targets)s))
  AND (%(labels)s::text[] = '{}' OR label = ANY(%(labels)s))
  AND (%(after)s::uuid IS NULL OR distribution_id > %(after)s)
ORDER BY distribution_id LIMIT %(limit)s
"""


class PostgresSelecting:
    """From the status board."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def select(
        self, tenant_id: UUID, terms: Terms, statuses: frozenset[Status], after: UUID | None
    ) -> Sequence[UUID]:
        asked = {
            "tenant": tenant_id,
            "statuses": [status.value for status in statuses],
            "releases": list(terms.releases),
            "targets": list(terms.targets),
            "labels": [str(label) for label in terms.labels],
            "after": after,
            "limit": STEP,
        }
        with self._pool.connection() as connection:
            if after is None:
                head = connection.execute(
                    "SELECT coalesce(max(position), 0) FROM events"
                ).fetchone()
                assert head is not None
                try:
                    wait_for(connection, head[0], [StatusBoard.name, Releases.name])
                except ReadModelBehind as behind:
                    raise NotYet(str(behind)) from None
            return [id for (id,) in connection.execute(_SELECT, asked).fetchall()]


_WANTED = """
WITH planned AS (
    SELECT (pair->>'release_id')::uuid AS release_id, (pair->>'target_id')::uuid AS target_id,
        min((item->>'due_at')::timestamptz) AS planned, min(created_at) AS wanted_at
    FROM read.schedules, jsonb_array_elements(plan) AS item,
        jsonb_array_elements(item->'pairs') AS pair
    WHERE tenant_id = %(tenant)s AND action = 'deliver' AND status IN ('active', 'paused')
    GROUP BY 1, 2
), open AS (
    SELECT distribution_id, release_id, target_id, status, wanted_at, not_before AS planned,
        delivered_at, live_at
    FROM read.delivery_dates WHERE tenant_id = %(tenant)s AND NOT status = ANY(%(closed)s)
), wanted AS (
    SELECT * FROM open
    UNION ALL
    SELECT NULL, release_id, target_id, NULL, wanted_at, planned, NULL, NULL FROM planned
    WHERE (release_id, target_id) NOT IN (SELECT release_id, target_id FROM open)
)
SELECT wanted.*, title, release_date, openings, state, why
FROM wanted JOIN read.release_dates r
    ON r.tenant_id = %(tenant)s AND r.release_id = wanted.release_id
LEFT JOIN read.date_warnings w ON w.tenant_id = %(tenant)s
    AND w.release_id = wanted.release_id AND w.target_id = wanted.target_id
WHERE ((first_at < %(end)s AND last_at >= %(begin)s) OR (w.open AND NOT %(all)s))
  AND (%(all)s OR delivered_at IS NULL OR w.open)
"""
_CLOSED = ("cancelled", "removed", "purged", "takedown_requested", "purge_requested")


class PostgresWantedReleases:
    """From the dates of releases, distributions and schedules."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def between(
        self, tenant_id: UUID, begin: datetime, end: datetime, *, all_of_them: bool
    ) -> Sequence[Wanted]:
        asked = {
            "tenant": tenant_id,
            "closed": list(_CLOSED),
            "begin": begin,
            "end": end,
            "all": all_of_them,
        }
        with (
            self._pool.connection() as connection,
            connection.cursor(row_factory=dict_row) as reading,
        ):
            return [_wanted(row) for row in reading.execute(_WANTED, asked)]

    def warned(self, tenant_id: UUID) -> Sequence[tuple[UUID, UUID]]:
        with self._pool.connection() as connection:
            return connection.execute(
                "SELECT release_id, target_id FROM read.date_warnings"
                " WHERE tenant_id = %s AND open",
                [tenant_id],
            ).fetchall()

    def planned_back(self, tenant_id: UUID) -> Sequence[UUID]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT schedule_id FROM read.schedules WHERE tenant_id = %s"
                " AND kind = 'before_release' AND due_at IS NOT NULL AND NOT running",
                [tenant_id],
            ).fetchall()
        return [id for (id,) in rows]


def _wanted(row: dict[str, object]) -> Wanted:
    state, why, openings = row.pop("state"), row.pop("why"), row.pop("openings")
    status = row.pop("status")
    assert isinstance(openings, list)
    return Wanted(
        **row,  # type: ignore[arg-type]
        openings=tuple(from_plain(Opening, stored) for stored in openings),
        status=Status(status) if status else None,  # type: ignore[arg-type]
        warned=(str(state), str(why)) if state else None,
    )
