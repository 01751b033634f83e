"""Telling readers that something was appended: a hint for speed, never the only way to know."""

from __future__ import annotations

import time
from threading import Event, Lock, Thread
from typing import Any, Self

import psycopg

from deadwax.infrastructure.database import connect

_CHANNEL = "deadwax_events"
_QUIET_SECONDS = 0.003


class Announcer:
    """Sends NOTIFY after commits, from a thread and a connection of its own.

    The first at once, and then one at most every few milliseconds however many there were.
    The thread starts with the first announcement.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._wanted = Event()
        self._closed = False
        self._starting = Lock()
        self._thread: Thread | None = None

    def announce(self) -> None:
        """Costs next to nothing and never raises: a reader that misses it polls."""
        if not self._wanted.is_set():
            self._wanted.set()
        if self._thread is None:
            with self._starting:
                if self._thread is None:
                    self._thread = Thread(target=self._run, name="announcer", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        """Send what is still to be sent and end the thread."""
        if self._thread:
            self._closed = True
            self._wanted.set()
            self._thread.join()
            self._thread, self._closed = None, False

    def _run(self) -> None:
        closed = False
        while not closed:
            self._wanted.wait()
            closed = self._closed
            self._wanted.clear()
            self._notify()
            time.sleep(_QUIET_SECONDS)
        if self._connection:
            self._connection.close()
            self._connection = None

    def _notify(self) -> None:
        try:
            if self._connection is None:
                self._connection = connect(self._url, "deadwax-announce")
            self._connection.execute(f"NOTIFY {_CHANNEL}")
        except psycopg.Error:
            if self._connection:
                self._connection.close()
                self._connection = None


class Listener:
    """Waits for announcements on a connection of its own, which it makes again when lost."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    def wait(self, timeout: float) -> bool:
        """True as soon as something may have been appended, False after `timeout` seconds.

        True at once after every new connection, whose LISTEN came too late for what was
        announced before. Callers read at least every so often whatever it says.
        """
        try:
            if self._connection is None:
                self._connection = connect(self._url, "deadwax-listen")
                self._connection.execute(f"LISTEN {_CHANNEL}")
                return True
            return any([True for _ in self._connection.notifies(timeout=timeout, stop_after=1)])
        except psycopg.OperationalError:
            self.close()
            time.sleep(timeout)
            return False

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
