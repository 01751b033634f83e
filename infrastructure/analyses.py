"""Who measures which asset, and how far it is: a small table that may be lost."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

Pool = ConnectionPool[psycopg.Connection]

_CONNECT_SECONDS = 0.5


class PostgresAnalyses:
    """Implements application.analyses.AnalysesUnderWay. Who said nothing for `lease_seconds` is
    gone."""

    def __init__(self, pool: Pool, lease_seconds: float) -> None:
        self._pool, self._lease_seconds = pool, lease_seconds

    def begin(self, asset_id: UUID, worker: str) -> bool:
        with self._pool.connection() as connection:
            begun = connection.execute(
                """INSERT INTO analyses AS a (asset_id, worker, at) VALUES (%s, %s, now())
                   ON CONFLICT (asset_id) DO UPDATE
                   SET worker = excluded.worker, at = now(), done = 0
                   WHERE a.at IS NULL OR a.at < now() - make_interval(secs => %s)
                   RETURNING asset_id""",
                (asset_id, worker, self._lease_seconds),
            ).fetchone()
        return begun is not None

    def show(self, asset_id: UUID, worker: str, done: float) -> None:
        with (
            suppress(psycopg.Error, PoolTimeout),
            self._pool.connection(timeout=_CONNECT_SECONDS) as connection,
        ):
            connection.execute(
                "UPDATE analyses SET at = now(), done = %s WHERE asset_id = %s AND worker = %s",
                (done, asset_id, worker),
            )

    def end(self, asset_id: UUID, worker: str) -> None:
        with (
            suppress(psycopg.Error, PoolTimeout),
            self._pool.connection(timeout=_CONNECT_SECONDS) as connection,
        ):
            connection.execute(
                "DELETE FROM analyses WHERE asset_id = %s AND worker = %s", (asset_id, worker)
            )

    def of(self, asset_id: UUID) -> float | None:
        with self._pool.connection() as connection:
            row = connection.execute(
                """SELECT done FROM analyses
                   WHERE asset_id = %s AND at > now() - make_interval(secs => %s)""",
                (asset_id, self._lease_seconds),
            ).fetchone()
        return float(row[0]) if row else None
