"""Connections to PostgreSQL."""

from __future__ import annotations

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


def connect(url: str, name: str) -> psycopg.Connection:
    """An autocommit connection in UTC; `name` shows in pg_stat_activity."""
    return psycopg.connect(url, application_name=name, **_OPTIONS)


def open_pool(url: str, *, size: int, name: str) -> ConnectionPool[psycopg.Connection]:
    """A pool of such connections, opened lazily up to `size`; checked before they are lent."""
    return ConnectionPool(
        url,
        min_size=0,
        max_size=size,
        timeout=10,
        open=True,
        check=ConnectionPool.check_connection,
        kwargs={**_OPTIONS, "application_name": name},
    )
