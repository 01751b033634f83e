"""The database's clock, read rarely and carried on by a clock that cannot be set."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

_AGAIN_SECONDS = 60.0
_TIMEOUT_SECONDS = 2.0


class DatabaseClock:
    """This machine's wall clock is asked only while the database never answered yet."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection]) -> None:
        self._pool = pool
        self._read: tuple[float, datetime] | None = None
        self._next = 0.0
        self._reading = threading.Lock()

    def now(self) -> datetime:
        if time.monotonic() >= self._next and self._reading.acquire(blocking=self._read is None):
            try:
                self._ask()
            finally:
                self._reading.release()
        if self._read is None:
            return datetime.now(UTC)
        at, shown = self._read
        return shown + timedelta(seconds=time.monotonic() - at)

    def _ask(self) -> None:
        if time.monotonic() < self._next:
            return
        before = time.monotonic()
        try:
            with self._pool.connection(timeout=_TIMEOUT_SECONDS) as connection:
                sent = time.monotonic()
                row = connection.execute("SELECT clock_timestamp()").fetchone()
                got = time.monotonic()
        except (psycopg.Error, PoolTimeout):
            self._next = before + _AGAIN_SECONDS / 10
            return
        assert row is not None
        self._read = (sent + got) / 2, row[0].astimezone(UTC)
        self._next = got + _AGAIN_SECONDS
