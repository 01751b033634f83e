"""Rebuilding read models, against SQL that only copies the finished rows."""

from __future__ import annotations

import gc
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg
from psycopg import sql
from tests.bench.comparison import Result, bench, compare
from tests.bench.deliveries import commands

from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect, open_pool
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.migrate import migrate
from deadwax.projections.base import Projection
from deadwax.projections.registry import PROJECTIONS, projection_named
from deadwax.workers.projector import rebuild_projections

_EVENTS = 60_000
_BULK = 2_000


@bench("rebuild")
def rebuild() -> Result:
    """All read models in one pass."""
    return _against_copying("rebuild", PROJECTIONS)


@bench("rebuild-rows")
def rebuild_rows() -> Result:
    """Only those with a row for every event."""
    names = ("audit_trail", "timeline")
    return _against_copying("rebuild-rows", [projection_named(name) for name in names])


def _against_copying(name: str, projections: Sequence[Projection]) -> Result:
    """Ours reads the log, makes the rows, writes and switches; the peer is one
    `INSERT … SELECT` per table from the very rows into a twin with the same indexes."""
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="dw"))
        url = opened.enter_context(EmbeddedServers(Path(folder))).database_url
        migrate(url)
        events = _fill(url)
        db = opened.enter_context(connect(url, "bench"))
        rebuild_projections(url, projections)
        return compare(
            name,
            ours=lambda: events / _rebuilding(url, projections),
            peer=lambda: events / _copying(db, projections),
            peer_name="INSERT … SELECT of the same rows",
            unit="events/s",
        )


def _fill(url: str) -> int:
    count, bulk = 0, list[Event]()
    with open_pool(url, size=1, name="bench") as pool:
        log = PostgresEventLog(pool, url)
        for events in commands():
            bulk += events
            if len(bulk) >= _BULK:
                log.append(bulk)
                count += len(bulk)
                bulk.clear()
            if count >= _EVENTS:
                log.close()
                return count
    raise AssertionError("commands go on without end")


def _rebuilding(url: str, projections: Sequence[Projection]) -> float:
    gc.collect()
    begun = time.perf_counter()
    rebuild_projections(url, projections)
    return time.perf_counter() - begun


def _copying(db: psycopg.Connection, projections: Sequence[Projection]) -> float:
    tables = [table for projection in projections for table in projection.tables]
    db.execute("DROP SCHEMA IF EXISTS twin CASCADE")
    db.execute("CREATE SCHEMA twin")
    db.execute("SET search_path TO twin")
    db.execute("SET synchronous_commit = off")
    for table in tables:
        db.execute(table.ddl)
    begun = time.perf_counter()
    for table in tables:
        name = sql.Identifier(table.name)
        db.execute(sql.SQL("INSERT INTO {0} SELECT * FROM read.{0}").format(name))
    return time.perf_counter() - begun
