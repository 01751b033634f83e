"""Makes projections again from the first event, beside the live ones, and switches."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import structlog
from psycopg import Connection, Rollback, errors, sql

from deadwax.application.log import LogReader, Recorded
from deadwax.projections import positions
from deadwax.projections.base import Projection
from deadwax.projections.positions import create_tables
from deadwax.projections.session import Connect, OpenReader, prepare, try_lock

log = structlog.get_logger(__name__)

BATCH = 5_000
_BUSY = 0.5


class RebuildRunning(Exception):
    """Somebody else is rebuilding this projection."""


def rebuild(projections: Sequence[Projection], connect: Connect, open_reader: OpenReader) -> int:
    """Replay the whole log once, into new tables, and put them in place of the live ones.

    Readers see the old rows until the switch and the new ones after it; live projectors go
    on from there. Returns the log position up to which all was replayed. Raises
    RebuildRunning, and whatever a projection raises: the live rows are then as before.
    """
    with _collector_paused(), ExitStack() as stack:
        copies = [stack.enter_context(_beside(p, connect)) for p in projections]
        threads = stack.enter_context(ThreadPoolExecutor(len(copies)))
        with open_reader(0) as reader:
            batch = reader.read(BATCH)
            while batch:
                applied = [threads.submit(copy.apply, batch) for copy in copies]
                batch = reader.read(BATCH)
                for each in applied:
                    each.result()
        return min(copy.replace_live(open_reader) for copy in copies)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Rows hold no reference cycles, and looking for some takes a sixth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


@contextmanager
def _beside(projection: Projection, connect: Connect) -> Iterator[_Copy]:
    """Empty tables of the projection in a schema of their own, gone at the end."""
    schema = f"rebuild_{projection.name}"
    drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
    with connect() as connection:
        if not try_lock(connection, schema):
            raise RebuildRunning(f"{projection.name} is being rebuilt already.")
        prepare(connection, schema)
        connection.execute(drop)
        with connection.transaction():
            create_tables(connection, schema, [projection])
        try:
            yield _Copy(projection, connection, schema)
        finally:
            if not connection.closed:
                connection.execute(drop)


class _Copy:
    """A projection in the making."""

    def __init__(self, projection: Projection, connection: Connection[Any], schema: str) -> None:
        self._projection = projection
        self._connection = connection
        self._schema = schema
        self._position = 0

    def apply(self, batch: Sequence[Recorded]) -> None:
        positions.apply(self._connection, self._projection, self._position, batch)
        self._position = batch[-1].position

    def replace_live(self, open_reader: OpenReader) -> int:
        """Catch up with the live tables and take their place; the position of that."""
        with open_reader(self._position) as reader:
            while not self._switch(reader):
                self._position = positions.current(self._connection, self._projection.name).position
                reader.position = self._position
        return self._position

    def _advance(self, reader: LogReader) -> bool:
        batch = reader.read(BATCH)
        if batch:
            self.apply(batch)
        return bool(batch)

    def _switch(self, reader: LogReader) -> bool:
        """False if the live tables got ahead or are being read for long."""
        while self._advance(reader):
            pass
        try:
            with self._connection.transaction():
                self._connection.execute("SET LOCAL lock_timeout = '1s'")
                self._pass_live(reader)
                self._take_place()
                return True
        except errors.LockNotAvailable:
            # Rather wait than make all other readers wait behind us.
            log.warning("projection_switch_waits", projection=self._projection.name)
            time.sleep(_BUSY)
        return False

    def _pass_live(self, reader: LogReader) -> None:
        """Make the live projector wait, and read what it is ahead: unless that is behind a
        gap, which no reader passes before this transaction has ended."""
        live = self._connection.execute(
            "SELECT position FROM read.positions WHERE name = %s FOR UPDATE",
            [self._projection.name],
        ).fetchone()
        while live and self._position < live[0]:
            if not self._advance(reader):
                raise Rollback

    def _take_place(self) -> None:
        for table in self._projection.tables:
            name, new = sql.Identifier(table.name), sql.Identifier(self._schema, table.name)
            self._connection.execute(sql.SQL("DROP TABLE IF EXISTS read.{}").format(name))
            self._connection.execute(sql.SQL("ALTER TABLE {} SET SCHEMA read").format(new))
        self._connection.execute(
            "INSERT INTO read.positions SELECT * FROM positions WHERE name = %s"
            " ON CONFLICT (name) DO UPDATE SET version = excluded.version,"
            " position = excluded.position, state = 'running', error = NULL,"
            " failed_position = NULL, updated_at = now()",
            [self._projection.name],
        )
