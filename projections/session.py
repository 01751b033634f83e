"""The database session of one who writes a projection."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, LiteralString

import psycopg
from psycopg import Connection

from deadwax.application.log import LogReader, LogUnavailable

Connect = Callable[[], Connection[Any]]
"""Opens a connection in autocommit mode."""

OpenReader = Callable[[int], AbstractContextManager[LogReader]]
"""Opens a reader of the log after a position, on a connection of its own."""

CONNECTION_LOST = (psycopg.OperationalError, psycopg.InterfaceError, LogUnavailable)

_SETTINGS: tuple[LiteralString, ...] = (
    # Rows and position are lost together if the server dies, and are made again from the log.
    "SET synchronous_commit = off",
    # A plan made while a table was empty would read all of it for ever.
    "SET plan_cache_mode = force_custom_plan",
)


def prepare(connection: Connection[Any], schema: str) -> None:
    """Make a connection write to `schema`."""
    for setting in _SETTINGS:
        connection.execute(setting)
    connection.execute("SELECT set_config('search_path', %s, false)", [schema])


def try_lock(connection: Connection[Any], name: str) -> bool:
    """Take the advisory lock `name` until the connection ends, unless somebody has it."""
    row = connection.execute(
        "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"deadwax:{name}"]
    ).fetchone()
    return bool(row and row[0])
