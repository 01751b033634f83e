"""A rebuilt projection is the live one, made again."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice

import psycopg
import pytest
from tests.projections.conftest import Follow, Project
from tests.projections.histories import History
from tests.projections.rows import all_rows
from tests.projections.waiting import wait_until

from deadwax.application.log import Recorded
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.projections.positions import health, wait_for
from deadwax.projections.rebuild import rebuild
from deadwax.projections.registry import PROJECTIONS
from deadwax.projections.timeline import Timeline
from deadwax.workers.projector import rebuild_projections

NAMES = [projection.name for projection in PROJECTIONS]


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_rebuilt_rows_equal_the_live_ones(
    seed: int, database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    with follow():
        for events in History(seed).commands(600):
            position = log.append(events)
        wait_for(db, position, NAMES, timeout=20)
    live = all_rows(db)
    assert all(live.values()), "every table has rows"
    for projection in PROJECTIONS:
        assert rebuild_projections(database_url, [projection]) == position
    assert all_rows(db) == live


def test_a_rebuild_switches_under_load_and_the_live_projector_goes_on(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    commands = History(4).commands(1500)
    for events in islice(commands, 500):
        log.append(events)
    last = [0]

    def go_on() -> None:
        for events in commands:
            last[0] = log.append(events)

    with follow():
        writing = threading.Thread(target=go_on)
        writing.start()
        for projection in PROJECTIONS:
            rebuild_projections(database_url, [projection])
        writing.join()
        wait_for(db, last[0], NAMES, timeout=20)
    live = all_rows(db)
    assert {p.state for p in health(db)} == {"running"}
    for projection in PROJECTIONS:
        rebuild_projections(database_url, [projection])
    assert all_rows(db) == live


def test_a_rebuild_waits_for_long_readers_instead_of_blocking_the_others(
    database_url: str, project: Project, db: psycopg.Connection
) -> None:
    project([event for events in History(5).commands(100) for event in events])
    before = all_rows(db)
    with ThreadPoolExecutor(1) as threads:
        with connect(database_url, "analyst") as analyst, analyst.transaction():
            analyst.execute("SELECT count(*) FROM read.timeline")
            rebuilding = threads.submit(rebuild_projections, database_url, [Timeline()])
            wait_until(lambda: waits_for_a_lock(db))
            wait_until(lambda: not waits_for_a_lock(db))
            assert all_rows(db) == before
            assert not rebuilding.done()
        rebuilding.result()
    assert all_rows(db) == before


def waits_for_a_lock(db: psycopg.Connection) -> bool:
    found = db.execute("SELECT count(*) FROM pg_locks WHERE NOT granted").fetchone()
    return found != (0,)


class Hesitant:
    """A reader that finds nothing at certain calls, as at a gap."""

    def __init__(self, reader: GapAwareReader, nothing_at: set[int]) -> None:
        self._reader, self._nothing_at, self._calls = reader, nothing_at, 0

    @property
    def position(self) -> int:
        return self._reader.position

    @position.setter
    def position(self, position: int) -> None:
        self._reader.position = position

    def read(self, limit: int) -> Sequence[Recorded]:
        self._calls += 1
        return [] if self._calls in self._nothing_at else self._reader.read(10)


def test_a_rebuild_behind_a_gap_does_not_overtake_the_live_rows_with_older_ones(
    database_url: str, project: Project, db: psycopg.Connection
) -> None:
    end = project([event for events in History(5).commands(100) for event in events])
    before = all_rows(db)
    nothing_at = iter([{3}, {1, 3}])  # the replay ends early, then so does the switch

    @contextmanager
    def open_reader(position: int) -> Iterator[Hesitant]:
        with GapAwareReader(database_url, position) as reader:
            yield Hesitant(reader, next(nothing_at))

    assert rebuild([Timeline()], partial(connect, database_url, "test"), open_reader) == end
    assert all_rows(db) == before
