"""A rebuilt projection is the live one, made again."""

from __future__ import annotations

import threading
from itertools import islice

import psycopg
import pytest
from tests.projections.conftest import Follow
from tests.projections.histories import History
from tests.projections.rows import all_rows

from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.projections.positions import health, wait_for
from deadwax.projections.registry import PROJECTIONS
from deadwax.workers.projector import rebuild_projections

NAMES = [projection.name for projection in PROJECTIONS]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rebuilt_rows_equal_the_live_ones(
    seed: int, database_url: str, log: PostgresEventLog, db: psycopg.Connection, follow: Follow
) -> None:
    with follow():
        for events in History(seed).commands(400):
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
