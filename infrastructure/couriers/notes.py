"""What couriers want to find again over later connections."""

from __future__ import annotations

import hashlib
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool

Pool = ConnectionPool[psycopg.Connection]

_KEPT = "30 days"


class PostgresNotes:
    """Implements couriers.opening.Notes for one tenant. Notes of unfinished uploads that nobody
    came back to are forgotten after a while."""

    def __init__(self, pool: Pool, tenant_id: UUID) -> None:
        self._pool, self._tenant_id = pool, tenant_id

    def get(self, name: str, /) -> str | None:
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT note FROM courier_notes WHERE tenant_id = %s AND name = %s",
                (self._tenant_id, _key(name)),
            ).fetchone()
        return str(row[0]) if row else None

    def __setitem__(self, name: str, note: str, /) -> None:
        with self._pool.connection() as connection:
            connection.execute(
                """INSERT INTO courier_notes VALUES (%s, %s, %s, now())
                   ON CONFLICT (tenant_id, name)
                   DO UPDATE SET note = excluded.note, noted_at = excluded.noted_at""",
                (self._tenant_id, _key(name), note),
            )
            connection.execute(
                "DELETE FROM courier_notes WHERE noted_at < now() - %s::interval", (_KEPT,)
            )

    def pop(self, name: str, default: None, /) -> str | None:
        with self._pool.connection() as connection:
            row = connection.execute(
                """DELETE FROM courier_notes WHERE tenant_id = %s AND name = %s RETURNING note""",
                (self._tenant_id, _key(name)),
            ).fetchone()
        return str(row[0]) if row else default


def _key(name: str) -> str:
    """A path may be longer than what an index takes."""
    return hashlib.sha256(name.encode()).hexdigest()
