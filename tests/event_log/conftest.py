"""A log on a fresh database, events to put in it, and a look at what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.tenant import LabelAdded, TenantKind, TenantRegistered
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.event_log.store import PostgresEventLog

OpenLog = Callable[[str], PostgresEventLog]


@pytest.fixture(autouse=True)
def cause() -> Iterator[Cause]:
    cause = Cause(UUID(int=7), "key:test", "request-1", "request-0")
    with acting(cause):
        yield cause


@pytest.fixture
def open_log() -> Iterator[OpenLog]:
    """Opens logs on a database and closes them at the end."""
    with ExitStack() as opened:

        def open_one(url: str) -> PostgresEventLog:
            pool = opened.enter_context(open_pool(url, size=4, name="test"))
            log = PostgresEventLog(pool, url)
            opened.callback(log.close)
            return log

        yield open_one


@pytest.fixture
def log(open_log: OpenLog, database_url: str) -> PostgresEventLog:
    return open_log(database_url)


@pytest.fixture
def database(database_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    with connect(database_url, "test") as connection:
        yield connection


@pytest.fixture
def history() -> Callable[..., list[Event]]:
    """`history(n)` makes the first n events of a new stream, `history(n, stream_id, first)`
    n events of that stream from version `first` on."""

    def make(count: int, stream_id: UUID | None = None, first: int = 1) -> list[Event]:
        stream = stream_id or uuid4()
        return [event(stream, version) for version in range(first, first + count)]

    def event(stream: UUID, version: int) -> Event:
        now = Event.create_timestamp()
        if version == 1:
            return TenantRegistered(
                originator_id=stream,
                originator_version=1,
                originator_topic="tenant",
                timestamp=now,
                name="Ørsted Records",
                kind=TenantKind.LABEL.value,
                review=False,
            )
        return LabelAdded(
            originator_id=stream,
            originator_version=version,
            timestamp=now,
            label={"name": f"Label {version}"},
        )

    return make
