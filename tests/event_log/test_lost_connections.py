"""Appends whose connection or server is lost: each is stored, and stored once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.event_log.lossy_link import LossyLink

from deadwax.application.errors import Conflict
from deadwax.application.log import LogUnavailable
from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.event_log import store
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.store import PostgresEventLog

History = Callable[..., list[Event]]
Database = psycopg.Connection[tuple[Any, ...]]
OpenLog = Callable[[str], PostgresEventLog]


@pytest.fixture
def link(short_tmp: Path, database_url: str) -> Iterator[LossyLink]:
    link = LossyLink(short_tmp, database_url)
    yield link
    link.close()


def stored(database: Database) -> list[tuple[Any, ...]]:
    return database.execute("SELECT event_id, position FROM events ORDER BY position").fetchall()


def end_appending_backend(database: Database) -> None:
    """Once it waits for a lock."""
    while not database.execute(
        """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
           WHERE application_name = 'deadwax-append' AND wait_event_type = 'Lock'
             AND datname = current_database()"""
    ).fetchall():
        pass


@pytest.mark.parametrize("lost", ["answer", "request"])
def test_an_append_whose_answer_or_request_was_lost_is_stored_once(
    link: LossyLink, open_log: OpenLog, database: Database, history: History, lost: str
) -> None:
    log = open_log(link.url)
    first, second = history(1), history(3)
    log.append(first)
    link.lose_next(lost)
    position = log.append(second)
    assert link.lost == lost
    found = stored(database)
    assert [event_id for event_id, _ in found] == [e.event_id for e in first + second]
    assert position == found[-1][1]
    with GapAwareReader(link.url, 0) as reader:
        read = [e for _ in range(2) for e in reader.read(100)]
    assert [e.event_id for e in read] == [event_id for event_id, _ in found]


def test_a_conflict_is_still_found_after_a_lost_answer(
    link: LossyLink, open_log: OpenLog, database: Database, history: History
) -> None:
    log = open_log(link.url)
    taken = history(1)
    log.append(taken)
    link.lose_next("answer")
    with pytest.raises(Conflict):
        log.append(history(1, taken[0].originator_id))
    assert link.lost == "answer"
    assert len(stored(database)) == 1


def test_a_backend_that_is_ended_while_it_stores_a_group_loses_and_doubles_nothing(
    log: PostgresEventLog, database: Database, database_url: str, history: History
) -> None:
    appends = [history(2) for _ in range(8)]
    with ThreadPoolExecutor(len(appends)) as threads, connect(database_url, "lock") as locker:
        with locker.transaction():
            locker.execute("LOCK TABLE events IN EXCLUSIVE MODE")
            running = [threads.submit(log.append, events) for events in appends]
            end_appending_backend(database)
        positions = [future.result() for future in running]
    found = dict(stored(database))
    assert found.keys() == {event.event_id for events in appends for event in events}
    assert positions == [found[events[-1].event_id] for events in appends]


def test_an_earlier_attempt_that_is_still_running_is_waited_for_and_recognised(
    log: PostgresEventLog, database: Database, database_url: str, history: History
) -> None:
    """As when the network was cut and the server has not noticed yet."""
    events = history(2)
    with connect(database_url, "first attempt") as first, ThreadPoolExecutor(1) as threads:
        with first.transaction():
            first.execute(store.INSERT, (f"[{','.join(encode(event) for event in events)}]",))
            running = threads.submit(log.append, events)
            while not database.execute(
                """SELECT 1 FROM pg_stat_activity WHERE application_name = 'deadwax-append'
                   AND wait_event_type = 'Lock' AND datname = current_database()"""
            ).fetchall():
                pass
        position = running.result()
    found = stored(database)
    assert [event_id for event_id, _ in found] == [event.event_id for event in events]
    assert position == found[-1][1]


def test_loading_survives_lost_connections(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    events = history(2)
    log.append(events)
    assert log.load(events[0].originator_id) == events
    database.execute(
        """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    )
    assert log.load(events[0].originator_id) == events
    log.append(history(1))


def test_a_server_that_stays_away_makes_the_log_unavailable(
    monkeypatch: pytest.MonkeyPatch, open_log: OpenLog, short_tmp: Path, history: History
) -> None:
    monkeypatch.setattr(store, "_PATIENCE_SECONDS", 0.2)
    log = open_log(f"postgresql://postgres@/postgres?host={short_tmp}")
    with pytest.raises(LogUnavailable):
        log.append(history(1))
    with pytest.raises(LogUnavailable):
        log.load(history(1)[0].originator_id)


@pytest.mark.faults
@pytest.mark.parametrize("immediate", [False, True])
def test_a_restart_of_postgres_during_appends_loses_and_doubles_nothing(
    own_servers: EmbeddedServers, open_log: OpenLog, history: History, immediate: bool
) -> None:
    log = open_log(own_servers.database_url)
    stop = threading.Event()

    def append_until_stopped() -> list[tuple[UUID, int]]:
        done = []
        while not stop.is_set():
            events = history(2)
            done.append((events[-1].event_id, log.append(events)))
        return done

    with (
        GapAwareReader(own_servers.database_url, 0) as reader,
        ThreadPoolExecutor(4) as threads,
    ):
        running = [threads.submit(copy_context().run, append_until_stopped) for _ in range(4)]
        read = [event.position for event in _read_until(reader, 200)]
        own_servers.stop_postgres(immediate=immediate)
        own_servers.start_postgres()
        read += [event.position for event in _read_until(reader, 200)]
        stop.set()
        acknowledged = [pair for future in running for pair in future.result()]
        with connect(own_servers.database_url, "test") as database:
            found = stored(database)
        while read[-1] < found[-1][1]:
            read += [event.position for event in reader.read(1000)]
    assert len(found) == 2 * len(acknowledged)
    assert dict(acknowledged).items() <= dict(found).items()
    assert read == [position for _, position in found]


def _read_until(reader: GapAwareReader, count: int) -> list[Any]:
    read: list[Any] = []
    while len(read) < count:
        read += reader.read(1000)
    return read
