"""Being the only one: a process that holds a session lock while its standbys wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from deadwax.infrastructure.database import connect


@contextmanager
def only_one(url: str, name: str, stop: threading.Event) -> Iterator[psycopg.Connection | None]:
    """A connection that holds the lock `name`; None if `stop` came first.

    The lock ends with the connection, so a killed holder is followed at once.
    """
    connection = connect(url, f"deadwax-{name}")
    try:
        while not stop.is_set():
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"deadwax:{name}",)
            ).fetchone()
            if row and row[0]:
                yield connection
                return
            stop.wait(0.5)
        yield None
    finally:
        connection.close()
