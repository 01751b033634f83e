"""How far running deliveries are: a small table that may be lost."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool, PoolTimeout

from deadwax.application.ports import Snapshot

Pool = ConnectionPool[psycopg.Connection]

_CONNECT_SECONDS = 0.5
_PAUSE_SECONDS = 30.0
"""After it could not be written: a transfer does not wait for the database again and again."""
_STALE_SECONDS = 60


@dataclass(frozen=True)
class Shown:
    """A snapshot, and when it was taken."""

    at: datetime
    snapshot: Snapshot


class PostgresProgress:
    """Implements application.ports.Progress."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._pause_until = 0.0

    def show(self, tokens: Mapping[UUID, int], snapshot: Snapshot) -> None:
        if time.monotonic() < self._pause_until:
            return
        try:
            with self._pool.connection(timeout=_CONNECT_SECONDS) as connection:
                connection.execute(
                    """INSERT INTO progress AS p (distribution_id, token, at, snapshot)
                       SELECT id, token, now(), %s
                       FROM unnest(%s::uuid[], %s::int[]) AS t (id, token) ORDER BY id
                       ON CONFLICT (distribution_id) DO UPDATE
                       SET token = excluded.token, at = excluded.at, snapshot = excluded.snapshot
                       WHERE p.token <= excluded.token""",
                    (Jsonb(asdict(snapshot)), list(tokens), list(tokens.values())),
                )
        except (psycopg.Error, PoolTimeout):
            self._pause_until = time.monotonic() + _PAUSE_SECONDS

    def forget(self, tokens: Mapping[UUID, int]) -> None:
        try:
            with self._pool.connection(timeout=_CONNECT_SECONDS) as connection:
                connection.execute(
                    """DELETE FROM progress AS p
                       USING unnest(%s::uuid[], %s::int[]) AS t (id, token)
                       WHERE p.distribution_id = t.id AND p.token <= t.token""",
                    (list(tokens), list(tokens.values())),
                )
        except (psycopg.Error, PoolTimeout):
            pass  # what is left belongs to an attempt that is over, and is not shown

    def of(self, distribution_id: UUID, token: int) -> Shown | None:
        """That of the attempt with this token; None if it said nothing lately."""
        with self._pool.connection() as connection:
            row = connection.execute(
                """SELECT at, snapshot FROM progress
                   WHERE distribution_id = %s AND token = %s
                   AND at > now() - make_interval(secs => %s)""",
                (distribution_id, token, _STALE_SECONDS),
            ).fetchone()
        return Shown(row[0], Snapshot(**row[1])) if row else None
