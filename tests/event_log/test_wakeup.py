"""Announcements reach listeners, and missing one is never an error."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from deadwax.domain.aggregate import Event
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.event_log.wakeup import Announcer, Listener

History = Callable[..., list[Event]]
Database = psycopg.Connection[tuple[Any, ...]]
LONG = 30.0


@pytest.fixture
def listener(database_url: str) -> Iterator[Listener]:
    with Listener(database_url) as listener:
        yield listener


def drain(listener: Listener) -> None:
    while listener.wait(0.05):
        pass


def end_connections(database: Database, name: str) -> None:
    database.execute(
        """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
           WHERE application_name = %s AND datname = current_database()""",
        (name,),
    )


def test_the_first_wait_returns_at_once_for_what_came_before(listener: Listener) -> None:
    assert listener.wait(LONG)
    assert not listener.wait(0.01)


def test_an_append_wakes_a_listener(
    log: PostgresEventLog, listener: Listener, history: History
) -> None:
    drain(listener)
    log.append(history(1))
    assert listener.wait(LONG)


def test_the_last_append_before_closing_is_announced(
    log: PostgresEventLog, listener: Listener, history: History
) -> None:
    drain(listener)
    log.append(history(1))
    log.close()
    assert listener.wait(LONG)


def test_many_appends_make_few_announcements_and_the_last_is_announced(
    database_url: str, database: Database
) -> None:
    database.execute("LISTEN deadwax_events")
    announcer = Announcer(database_url)
    for _ in range(2000):
        announcer.announce()
    announcer.close()
    heard = list(database.notifies(timeout=1))
    assert 1 <= len(heard) < 1000


def test_a_listener_that_lost_its_connection_says_read_and_hears_again(
    log: PostgresEventLog, listener: Listener, database: Database, history: History
) -> None:
    drain(listener)
    end_connections(database, "deadwax-listen")
    assert not listener.wait(0.01)
    assert listener.wait(LONG)
    drain(listener)
    log.append(history(1))
    assert listener.wait(LONG)


def test_an_announcer_that_lost_its_connection_announces_again(
    database_url: str, listener: Listener, database: Database
) -> None:
    announcer = Announcer(database_url)
    announcer.announce()
    drain(listener)
    end_connections(database, "deadwax-announce")
    while not listener.wait(0.01):  # the first may find out that the connection is lost
        announcer.announce()
    announcer.close()


def test_without_a_server_listening_waits_and_announcing_is_silent() -> None:
    nowhere = "postgresql://nobody@/none?host=/nonexistent"
    begun = time.monotonic()
    with Listener(nowhere) as listener:
        assert not listener.wait(0.05)
    assert time.monotonic() - begun >= 0.05
    announcer = Announcer(nowhere)
    announcer.announce()
    announcer.close()
