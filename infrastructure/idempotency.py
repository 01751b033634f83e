"""Remembering the answers to requests, so that a repeated request is answered and not run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from deadwax.application.errors import ApplicationError

_KEPT_HOURS = 24
_LOCK_SECONDS = 60
"""Longer than any command takes: it gives up on an absent database after a third of that."""

_FORGET = "DELETE FROM idempotency_keys WHERE expires_at < now()"
_BEGIN = """
INSERT INTO idempotency_keys AS k (tenant_id, key, fingerprint, since, locked_until, expires_at)
VALUES (%(tenant)s, %(key)s, %(fingerprint)s,
        (SELECT coalesce(max(position), 0) FROM events),
        now() + make_interval(secs => %(lock)s), now() + make_interval(hours => %(kept)s))
ON CONFLICT (tenant_id, key) DO UPDATE
    SET tries = k.tries + 1, locked_until = excluded.locked_until
    WHERE k.status IS NULL AND k.locked_until < now() AND k.fingerprint = excluded.fingerprint
RETURNING tries, since
"""
_FOUND = """
SELECT fingerprint, status, headers, body FROM idempotency_keys WHERE tenant_id = %s AND key = %s
"""
_CAUSED = """
SELECT type, stream_id, position FROM events
WHERE position > %s AND causation_id = %s ORDER BY position
"""


class KeyReused(ApplicationError):
    """The key stands for another request already."""

    code = "idempotency_key_reused"


class InProgress(ApplicationError):
    """The same request is being worked on."""

    code = "idempotency_in_progress"


@dataclass(frozen=True)
class Answer:
    """An answer as it was given."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Effect:
    """What a request did whose answer nobody kept: its process died, or lost the database.

    `streams` are the ids of what it changed, with the prefix of their event types.
    """

    position: int
    streams: tuple[tuple[str, UUID], ...]


class PostgresIdempotency:
    """Keys are a tenant's own and are kept for 24 hours."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool

    def begin(
        self, tenant_id: UUID, key: str, fingerprint: str, cause: str
    ) -> Answer | Effect | None:
        """None if the request is to be run now; it is then locked for a minute.

        `cause` is the causation id of the events that the request would store: after a lock
        that ran out they tell whether it had been run. Raises KeyReused, InProgress.
        """
        with self._pool.connection() as connection:
            connection.execute(_FORGET)
            begun = connection.execute(
                _BEGIN,
                {
                    "tenant": tenant_id,
                    "key": key,
                    "fingerprint": fingerprint,
                    "lock": _LOCK_SECONDS,
                    "kept": _KEPT_HOURS,
                },
            ).fetchone()
            if begun is None:
                return self._kept(connection, tenant_id, key, fingerprint)
            tries, since = begun
            return _effect(connection, since, cause) if tries > 1 else None

    def finish(self, tenant_id: UUID, key: str, answer: Answer) -> None:
        """Keep the answer."""
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE idempotency_keys SET status = %s, headers = %s, body = %s"
                " WHERE tenant_id = %s AND key = %s",
                (answer.status, Jsonb(dict(answer.headers)), answer.body, tenant_id, key),
            )

    def forget(self, tenant_id: UUID, key: str) -> None:
        """Nothing was stored: the next request with this key is a new one."""
        with self._pool.connection() as connection:
            connection.execute(
                "DELETE FROM idempotency_keys WHERE tenant_id = %s AND key = %s", (tenant_id, key)
            )

    def leave_open(self, tenant_id: UUID, key: str) -> None:
        """What became of it is not known: the same request may find out at once."""
        with self._pool.connection() as connection:
            connection.execute(
                "UPDATE idempotency_keys SET locked_until = '-infinity'"
                " WHERE tenant_id = %s AND key = %s",
                (tenant_id, key),
            )

    @staticmethod
    def _kept(
        connection: psycopg.Connection, tenant_id: UUID, key: str, fingerprint: str
    ) -> Answer:
        found = connection.execute(_FOUND, (tenant_id, key)).fetchone()
        if found is not None and found[0] != fingerprint:
            raise KeyReused(f"The key {key} was used for another request. Make a new one.")
        if found is None or found[1] is None:
            raise InProgress("The same request is being worked on. Send it again in a moment.")
        return Answer(found[1], found[2], bytes(found[3]))


def _effect(connection: psycopg.Connection, since: int, cause: str) -> Effect | None:
    caused = connection.execute(_CAUSED, (since, cause)).fetchall()
    if not caused:
        return None
    streams = dict.fromkeys((type.partition(".")[0], stream) for type, stream, _ in caused)
    return Effect(caused[-1][2], tuple(streams))
