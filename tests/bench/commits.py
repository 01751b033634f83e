"""Single-event commits per second at 16 writers, against raw psycopg."""

from __future__ import annotations

import gc
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

import orjson
from tests.bench.comparison import Result, bench, compare

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.release_events import ReleaseAmended
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.migrate import migrate

_WRITERS = 16
_SECONDS = 2.0
_MOST_PER_WRITER = 6000  # more than a writer manages in that time
_CAUSE = Cause(uuid4(), "key:3f0c52a7", uuid4().hex, str(uuid4()))
_CHANGES = {
    "title": {"from": "Night Ferries", "to": "Night Ferries (Deluxe)"},
    "release_date": {"from": "2026-11-06", "to": "2026-11-13"},
    "genre": {"from": None, "to": "Ambient"},
}
# The same columns and bytes, and nothing that only our log needs: no second index, no trigger.
_TWIN = """
CREATE TABLE twin (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id uuid, stream_id uuid,
    version integer, type text, schema_version smallint, tenant_id uuid, actor text,
    correlation_id text, causation_id text, recorded_at timestamptz, data json)
"""
_INSERT = """
INSERT INTO twin (event_id, stream_id, version, type, schema_version, tenant_id, actor,
                  correlation_id, causation_id, recorded_at, data)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""

T = TypeVar("T")


@bench("commits")
def commits() -> Result:
    """Ours is `PostgresEventLog.append([event])`, encoding included, by 16 threads of one
    process; the peer is a prepared autocommit INSERT of a ready row on 16 connections."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="dw"))
        url = opened.enter_context(EmbeddedServers(Path(folder))).database_url
        migrate(url)
        pool = opened.enter_context(open_pool(url, size=1, name="bench"))
        log = PostgresEventLog(pool, url)
        opened.callback(log.close)
        connections = [opened.enter_context(connect(url, "peer")) for _ in range(_WRITERS)]
        connections[0].execute(_TWIN)

        def append(event: Event) -> None:
            log.append([event])

        def insert_with(cursor: Any) -> Callable[[Sequence[Any]], None]:
            return lambda row: cursor.execute(_INSERT, row, prepare=True)

        inserts = [insert_with(connection.cursor()) for connection in connections]
        return compare(
            "commits",
            ours=lambda: _rate([append] * _WRITERS, _events),
            peer=lambda: _rate(inserts, lambda: [_row(event) for event in _events()]),
            peer_name="raw psycopg, 16 connections",
            unit="commits/s",
        )


def _rate(writers: Sequence[Callable[[T], None]], inputs: Callable[[], list[T]]) -> float:
    """Calls per second of all writers together, each with inputs that were made before."""
    ready, stop = threading.Barrier(len(writers) + 1), threading.Event()
    calls: list[int] = []

    def run(write: Callable[[T], None], prepared: list[T]) -> None:
        ready.wait()
        for count, item in enumerate(prepared):
            if stop.is_set():
                calls.append(count)
                return
            write(item)

    threads = [threading.Thread(target=run, args=(write, inputs())) for write in writers]
    gc.collect()
    for thread in threads:
        thread.start()
    ready.wait()
    begun = time.perf_counter()
    time.sleep(_SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - begun
    assert len(calls) == len(writers), "a writer failed, or ran out of prepared input"
    return sum(calls) / elapsed


def _events() -> list[Event]:
    with acting(_CAUSE):
        return [
            ReleaseAmended(
                originator_id=uuid4(),
                originator_version=2,
                timestamp=Event.create_timestamp(),
                changes=_CHANGES,
            )
            for _ in range(_MOST_PER_WRITER)
        ]


def _row(event: Event) -> Sequence[Any]:
    return (
        event.event_id,
        event.originator_id,
        event.originator_version,
        event.TOPIC,
        event.class_version,
        event.tenant_id,
        event.actor,
        event.correlation_id,
        event.causation_id,
        event.timestamp,
        orjson.dumps(orjson.loads(encode(event))["data"]).decode(),
    )
