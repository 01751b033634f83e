"""A log to follow, and ways to follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial

import psycopg
import pytest
from tests.projecting import projecting

from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.projections import positions
from deadwax.projections.registry import PROJECTIONS
from deadwax.projections.session import prepare

Follow = Callable[..., AbstractContextManager[None]]
Project = Callable[[Sequence[Event]], int]


@pytest.fixture
def log(database_url: str) -> Iterator[PostgresEventLog]:
    with open_pool(database_url, size=2, name="test") as pool:
        log = PostgresEventLog(pool, database_url)
        yield log
        log.close()


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection to a database with every projection installed, and no events."""
    with connect(database_url, "test") as connection:
        positions.install(connection, PROJECTIONS)
        yield connection


@pytest.fixture
def project(database_url: str, log: PostgresEventLog, db: psycopg.Connection) -> Iterator[Project]:
    """Appends events and brings every projection to them at once; returns the position."""
    with connect(database_url, "test") as connection, GapAwareReader(database_url, 0) as reader:
        prepare(connection, positions.LIVE)

        def append_and_apply(events: Sequence[Event]) -> int:
            log.append(events)
            after = reader.position
            batch = reader.read(10_000)
            for projection in PROJECTIONS:
                positions.apply(connection, projection, after, batch)
            return reader.position

        yield append_and_apply


@pytest.fixture
def follow(database_url: str) -> Follow:
    return partial(projecting, database_url)
