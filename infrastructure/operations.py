"""The small tables that processes share beside the log: leases, polls, inbox, batch ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from deadwax.application.errors import NotYet
from deadwax.application.ports import RemoteFile
from deadwax.projections.agenda import Agenda
from deadwax.projections.positions import ReadModelBehind, wait_for

Pool = ConnectionPool[psycopg.Connection]


class PostgresLeases:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def beat(self, tokens: Mapping[UUID, int], seconds: float) -> bool:
        try:
            with self._pool.connection(timeout=seconds / 3) as connection:
                # A newer attempt's row has a higher token and is never touched.
                cursor = connection.execute(
                    """INSERT INTO leases AS l (distribution_id, token, expires_at)
                       SELECT id, token, now() + make_interval(secs => %s)
                       FROM unnest(%s::uuid[], %s::int[]) AS t (id, token) ORDER BY id
                       ON CONFLICT (distribution_id) DO UPDATE
                       SET token = excluded.token, expires_at = excluded.expires_at
                       WHERE l.token <= excluded.token""",
                    (seconds, list(tokens), list(tokens.values())),
                )
                return cursor.rowcount == len(tokens)
        except (psycopg.Error, PoolTimeout):
            return False

    def release(self, tokens: Mapping[UUID, int]) -> None:
        try:
            with self._pool.connection(timeout=1) as connection:
                connection.execute(
                    """DELETE FROM leases USING unnest(%s::uuid[], %s::int[]) AS t (id, token)
                       WHERE distribution_id = t.id AND leases.token <= t.token""",
                    (list(tokens), list(tokens.values())),
                )
        except (psycopg.Error, PoolTimeout):
            pass  # a left-over row names a token that is no longer current


class PostgresWaiting:
    """Reads the read model `agenda`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def for_target(self, target_id: UUID, most: int) -> list[UUID]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                """SELECT distribution_id
                   FROM unnest(ARRAY['deliver', 'remove']) AS steps (step)
                   CROSS JOIN unnest(ARRAY['high', 'normal', 'low']) AS priorities (priority)
                   CROSS JOIN LATERAL (
                       SELECT distribution_id, due_at, position FROM read.agenda a
                       WHERE a.step = steps.step AND a.priority = priorities.priority
                       AND a.target_id = %s AND a.due_at <= now()
                       AND a.status IN ('queued', 'retrying', 'updating', 'takedown_requested')
                       ORDER BY due_at LIMIT %s) AS due
                   ORDER BY due_at, position LIMIT %s""",
                (target_id, most, most),
            ).fetchall()
        return [id for (id,) in rows]


class PostgresInbox:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def unread(self, target_id: UUID, files: Sequence[RemoteFile]) -> list[RemoteFile]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT path, size FROM inbox WHERE target_id = %s AND path = ANY(%s)",
                (target_id, [f.path for f in files]),
            ).fetchall()
        read = {(path, size) for path, size in rows}
        return [f for f in files if (f.path, f.size) not in read]

    def mark_read(self, target_id: UUID, file: RemoteFile, note: str) -> None:
        with self._pool.connection() as connection:
            connection.execute(
                """INSERT INTO inbox (target_id, path, size, note) VALUES (%s, %s, %s, %s)
                   ON CONFLICT DO NOTHING""",
                (target_id, file.path, file.size, note),
            )


class PostgresBatchNumbers:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def next(self) -> str:
        """Now in milliseconds, or one after the last where that is not later."""
        with self._pool.connection() as connection:
            row = connection.execute(
                """INSERT INTO batch_numbers AS b (one, last_at)
                   VALUES (true, date_trunc('milliseconds', clock_timestamp()))
                   ON CONFLICT (one) DO UPDATE
                   SET last_at = greatest(excluded.last_at, b.last_at + interval '1 ms')
                   RETURNING last_at"""
            ).fetchone()
        assert row is not None
        at = row[0].astimezone(UTC)
        return f"{at:%Y%m%d%H%M%S}{at.microsecond // 1000:03d}"


class PostgresCorrespondence:
    """From the agenda, which follows every distribution."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def of_release(self, target_id: UUID, release_ids: Sequence[str]) -> list[UUID]:
        with self._pool.connection() as connection:
            head = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
            assert head is not None
            try:
                wait_for(connection, head[0], [Agenda.name])
            except ReadModelBehind as behind:
                raise NotYet(str(behind)) from None
            rows = connection.execute(
                """SELECT distribution_id FROM read.agenda
                   WHERE target_id = %s AND (icpn = ANY(%s) OR grid = ANY(%s))""",
                (target_id, list(release_ids), list(release_ids)),
            ).fetchall()
        return [id for (id,) in rows]

    def awaited(self, target_id: UUID) -> list[UUID]:
        with self._pool.connection() as connection:
            rows = connection.execute(
                """SELECT distribution_id FROM read.agenda
                   WHERE target_id = %s AND awaiting_since IS NOT NULL""",
                (target_id,),
            ).fetchall()
        return [id for (id,) in rows]


class PostgresFetches:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def add(self, message_id: str, path: str, size: int, first: int, end: int) -> set[str]:
        with self._pool.connection() as connection:
            connection.execute(
                """INSERT INTO fetched_files AS f
                   VALUES (%s, %s, %s, int8multirange(int8range(%s, %s)))
                   ON CONFLICT (message_id, path)
                   DO UPDATE SET served = f.served + excluded.served""",
                (message_id, path, size, first, end),
            )
            rows = connection.execute(
                """SELECT path FROM fetched_files
                   WHERE message_id = %s AND served @> int8range(0, size)""",
                (message_id,),
            ).fetchall()
        return {path for (path,) in rows}

    def forget(self, message_id: str) -> None:
        with self._pool.connection() as connection:
            connection.execute("DELETE FROM fetched_files WHERE message_id = %s", (message_id,))
