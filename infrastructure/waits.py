"""What was asked to wait, for the feeder to leave alone until then."""

from __future__ import annotations

import psycopg
from psycopg_pool import ConnectionPool

from deadwax.application.gate import OF_TARGET, Wait

_NOTE = """
    INSERT INTO {table} AS w VALUES (%s, %s, %s, now() + make_interval(secs => %s))
    ON CONFLICT ({key}) DO UPDATE
    SET version = excluded.version, reason = excluded.reason, until = excluded.until"""
_OF_TARGET = _NOTE.format(table="target_waits", key="target_id")
_OF_DISTRIBUTION = _NOTE.format(table="waits", key="distribution_id")


class PostgresWaits:
    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool

    def note(self, wait: Wait) -> None:
        query = _OF_TARGET if wait.reason in OF_TARGET else _OF_DISTRIBUTION
        with self._pool.connection() as connection:
            connection.execute(
                query.encode(), (wait.id, wait.version, wait.reason.value, wait.seconds)
            )
