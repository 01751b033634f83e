"""The projector applies each event once, whatever dies, and never stands still unseen."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Annotated, Any
from uuid import UUID

import psycopg
import pytest
from psycopg import Cursor
from tests.projections.conftest import Follow
from tests.projections.histories import History
from tests.projections.rows import all_rows
from tests.projections.waiting import wait_until

from deadwax.application.log import Recorded
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.store import INSERT, PostgresEventLog
from deadwax.projections.base import Projection
from deadwax.projections.positions import (
    LIVE,
    Position,
    ReadModelBehind,
    Superseded,
    apply,
    health,
    install,
    wait_for,
)
from deadwax.projections.projector import Projector
from deadwax.projections.rebuild import RebuildRunning
from deadwax.projections.registry import PROJECTIONS
from deadwax.projections.session import prepare, try_lock
from deadwax.projections.table import Table
from deadwax.projections.targets import Targets
from deadwax.projections.timeline import Timeline
from deadwax.workers.projector import rebuild_projections

NAMES = [projection.name for projection in PROJECTIONS]
_PROCESS = """
import sys, threading
from deadwax.workers import projector
projector.run(sys.argv[1], threading.Event())
"""


@contextmanager
def projector_process(url: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", _PROCESS, url], stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def standing(db: psycopg.Connection) -> dict[str, Position]:
    return {position.name: position for position in health(db)}


def test_killed_at_any_moment_it_still_applies_each_event_once(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection
) -> None:
    commands = list(History(5).commands(1200))
    chance = Random(5)

    def write() -> None:
        for events in commands:
            log.append(events)

    writing = threading.Thread(target=write)
    writing.start()
    reached = 0
    for _ in range(5):
        with projector_process(database_url):
            start = reached
            wait_until(
                lambda: sum(p.position for p in health(db)) > start or not writing.is_alive()  # noqa: B023
            )
            time.sleep(chance.uniform(0, 0.1))
        reached = sum(p.position for p in health(db))
    writing.join()
    end = sum(len(events) for events in commands)
    with projector_process(database_url):
        wait_for(db, end, NAMES, timeout=30)
    live = all_rows(db)
    rebuild_projections(database_url, PROJECTIONS)
    assert all_rows(db) == live


def test_two_processes_at_once_apply_each_event_once(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection
) -> None:
    with projector_process(database_url) as first, projector_process(database_url):
        for number, events in enumerate(History(6).commands(300)):
            position = log.append(events)
            if number == 150:
                wait_for(db, position, NAMES, timeout=30)
                first.kill()  # whatever it led, the other takes over
        wait_for(db, position, NAMES, timeout=30)
    live = all_rows(db)
    rebuild_projections(database_url, PROJECTIONS)
    assert all_rows(db) == live


@dataclass(slots=True)
class SeenRow:
    """An event that was seen."""

    tenant_id: Annotated[UUID, "Tenant."]
    position: Annotated[int, "Its position."]


SEEN = Table("seen", SeenRow, key=("tenant_id", "position"))


class Seen(Projection):
    """Notes every event, and cannot stand the one at position `poison`."""

    name = "seen"
    follows = ""
    tables = (SEEN,)
    poison = 0

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        SEEN.add(cursor, (SeenRow(event.tenant_id, event.position) for event in batch))
        if any(event.position == self.poison for event in batch):
            raise ValueError("poison")


class NewSeen(Seen):
    version = 2


def seen(db: psycopg.Connection) -> list[int]:
    return [p for (p,) in db.execute("SELECT position FROM read.seen ORDER BY position")]


def test_a_poison_event_stops_its_projection_and_no_other(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    """The rows of everything before it are there, and a rebuild without the fault goes on."""
    projection = Seen()
    end = log.append([event for events in History(7).commands(200) for event in events])
    projection.poison = end - 20
    with follow([projection, Timeline(), Targets()]):
        wait_until(lambda: "seen" in standing(db) and standing(db)["seen"].state == "stopped")
        wait_for(db, end, ["timeline", "targets"], timeout=20)
        stopped = standing(db)["seen"]
        assert stopped.failed_position == end - 20
        assert stopped.position == end - 21
        assert stopped.error == "ValueError: poison"
        assert seen(db) == list(range(1, end - 20))
        with pytest.raises(ReadModelBehind, match="seen is stopped"):
            wait_for(db, end, ["seen"], timeout=20)
        projection.poison = 0
        rebuild_projections(database_url, [projection])
        end = log.append(next(History(8).commands(1)))
        wait_for(db, end, ["seen"], timeout=20)
        assert standing(db)["seen"].state == "running"
        assert seen(db) == list(range(1, end + 1))


class TripsOnce(Seen):
    """Fails the first time, whatever comes."""

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        super().apply(cursor, batch)
        if not self.poison:
            self.poison = -1
            raise ValueError("tripped")


def test_a_batch_that_fails_once_is_applied_after_all(
    log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    end = log.append([event for events in History(7).commands(20) for event in events])
    with follow([TripsOnce()]):
        wait_until(lambda: "seen" in standing(db) and standing(db)["seen"].position == end)
    assert seen(db) == list(range(1, end + 1))


def test_a_new_process_tries_the_poison_event_again(
    log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    projection = Seen()
    install(db, [projection])
    end = log.append(next(History(7).commands(1)))
    projection.poison = end
    with follow([projection]):
        wait_until(lambda: standing(db)["seen"].state == "stopped")
    projection.poison = 0
    with follow([projection]):
        wait_until(lambda: standing(db)["seen"].position == end)
    assert standing(db)["seen"].state == "running"
    assert standing(db)["seen"].error is None


def test_an_event_that_nobody_knows_stops_at_it(
    log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    end = log.append([event for events in History(7).commands(20) for event in events])
    db.execute(
        "INSERT INTO events (event_id, stream_id, version, type, schema_version, tenant_id,"
        " actor, correlation_id, recorded_at, data) SELECT gen_random_uuid(), gen_random_uuid(),"
        " 1, 'release.melted', 1, tenant_id, actor, correlation_id, now(), '{}' FROM events"
        " LIMIT 1"
    )
    with follow():
        wait_until(lambda: all(p.state == "stopped" for p in health(db)))
    assert {p.position for p in health(db)} == {end}
    assert {p.failed_position for p in health(db)} == {end + 1}
    assert all("release.melted" in (p.error or "") for p in health(db))


def test_a_rebuild_that_fails_leaves_the_live_rows(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    projection = Seen()
    end = log.append([event for events in History(7).commands(20) for event in events])
    with follow([projection]):
        wait_until(lambda: "seen" in standing(db) and standing(db)["seen"].position == end)
        projection.poison = end
        with pytest.raises(ValueError, match="poison"):
            rebuild_projections(database_url, [projection])
        assert seen(db) == list(range(1, end + 1))
    left = db.execute("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'rebuild%'").fetchone()
    assert left == (0,)


def test_a_new_version_is_rebuilt_first_and_an_older_program_leaves_it_alone(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    end = log.append([event for events in History(7).commands(20) for event in events])
    with follow([Seen()]):
        wait_until(lambda: "seen" in standing(db) and standing(db)["seen"].position == end)
    db.execute("DELETE FROM read.seen")
    with follow([NewSeen()]):
        wait_until(lambda: standing(db)["seen"].version == 2)
    assert seen(db) == list(range(1, end + 1))
    log.append(next(History(8).commands(1)))
    older = Projector(
        Seen(), partial(connect, database_url, "older"), partial(GapAwareReader, database_url)
    )
    older.run()
    assert seen(db) == list(range(1, end + 1))


def test_an_event_that_nobody_announced_is_still_projected(
    log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    commands = History(9).commands(2)
    with follow():
        wait_for(db, log.append(next(commands)), NAMES, timeout=20)
        rows = ",".join(encode(event) for event in next(commands))
        silent = db.execute(INSERT, (f"[{rows}]",)).fetchall()
        wait_for(db, silent[-1][0], NAMES, timeout=20)


def test_it_survives_a_crash_of_the_database(own_servers: EmbeddedServers) -> None:
    url = own_servers.database_url
    commands = History(10).commands(200)
    with connect(url, "test") as db:
        install(db, PROJECTIONS)
    with open_pool(url, size=2, name="test") as pool, projector_process(url):
        log = PostgresEventLog(pool, url)
        with connect(url, "test") as db:
            for _ in range(100):
                begun = log.append(next(commands))
            wait_until(lambda: min(p.position for p in health(db)) >= begun)
        own_servers.restart_postgres(immediate=True)
        for _ in range(100):
            end = log.append(next(commands))
        with connect(url, "test") as db:
            wait_until(lambda: min(p.position for p in health(db)) >= end)
            live = all_rows(db)
            rebuild_projections(url, PROJECTIONS)
            assert all_rows(db) == live
        log.close()


@pytest.mark.parametrize(
    ("projection", "after"), [(Seen(), 0), (NewSeen(), 1)], ids=["applied", "of another version"]
)
def test_a_batch_that_does_not_follow_the_stored_position_is_refused(
    projection: Projection,
    after: int,
    database_url: str,
    log: PostgresEventLog,
    db: psycopg.Connection,
) -> None:
    install(db, [Seen()])
    end = log.append(next(History(12).commands(1)))
    with GapAwareReader(database_url, 0) as reader:
        batch = reader.read(10)
    prepare(db, LIVE)
    apply(db, Seen(), 0, batch)
    with pytest.raises(Superseded):
        apply(db, projection, after, batch)
    assert seen(db) == [end]


def test_waiting_names_what_is_behind(log: PostgresEventLog, db: psycopg.Connection) -> None:
    end = log.append(next(History(11).commands(1)))
    with pytest.raises(ReadModelBehind, match="timeline is running at 0"):
        wait_for(db, end, ["timeline"], timeout=0.01)


def test_of_two_rebuilds_at_once_the_second_is_refused(
    database_url: str, log: PostgresEventLog, db: psycopg.Connection
) -> None:
    with connect(database_url, "other") as other:
        assert try_lock(other, "rebuild_timeline")
        with pytest.raises(RebuildRunning, match="timeline"):
            rebuild_projections(database_url, [Timeline()])
