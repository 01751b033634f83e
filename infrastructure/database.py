"""Connections to PostgreSQL."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from psycopg_pool import ConnectionPool

_OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
    "options": "-c timezone=UTC",
}

ALIVE_SECONDS = 0.5
"""For how long a connection that answered is lent without being asked again."""


def connect(url: str, name: str) -> psycopg.Connection:
    """An autocommit connection in UTC; `name` shows in pg_stat_activity."""
    return psycopg.connect(url, application_name=name, **_OPTIONS)


class _Lent(psycopg.Connection):
    """A pooled connection that knows when it was last found alive."""

    checked_at = 0.0


def _check(connection: psycopg.Connection) -> None:
    """Asks the server, unless it answered a moment ago: under load that would double the round
    trips. Whoever gets a connection that was lost since sees the driver's error."""
    assert isinstance(connection, _Lent)
    if time.monotonic() - connection.checked_at > ALIVE_SECONDS:
        ConnectionPool.check_connection(connection)
        connection.checked_at = time.monotonic()


def open_pool(url: str, *, size: int, name: str) -> ConnectionPool[psycopg.Connection]:
    """A pool of such connections, opened lazily up to `size`; checked before they are lent,
    if not just before."""
    return ConnectionPool(
        url,
        min_size=0,
        max_size=size,
        timeout=10,
        open=True,
        connection_class=_Lent,
        check=_check,
        kwargs={**_OPTIONS, "application_name": name},
    )
