"""Makes a projection again from the first event, beside the live one, and switches."""

from __future__ import annotations

import time
from typing import Any

import structlog
from psycopg import Connection, Rollback, errors, sql

from deadwax.application.log import LogReader
from deadwax.projections import positions
from deadwax.projections.base import Projection
from deadwax.projections.positions import create_tables
from deadwax.projections.session import Connect, OpenReader, prepare, try_lock

log = structlog.get_logger(__name__)

BATCH = 10_000
_BUSY = 0.5


class RebuildRunning(Exception):
    """Somebody else is rebuilding this projection."""


def rebuild(projection: Projection, connect: Connect, open_reader: OpenReader) -> int:
    """Replay the whole log into new tables and put them in place of the live ones.

    Readers see the old rows until the switch and the new ones after it; a live projector
    goes on from the new position. Returns that position. Raises RebuildRunning, and
    whatever the projection raises: the live rows are then as before.
    """
    schema = f"rebuild_{projection.name}"
    with connect() as connection:
        if not try_lock(connection, schema):
            raise RebuildRunning(f"{projection.name} is being rebuilt already.")
        prepare(connection, schema)
        _drop(connection, schema)
        with connection.transaction():
            create_tables(connection, schema, [projection])
        try:
            with open_reader(0) as reader:
                while not _switch(connection, projection, schema, reader):
                    reader.position = positions.current(connection, projection.name).position
                return reader.position
        finally:
            if not connection.closed:
                _drop(connection, schema)


def _switch(
    connection: Connection[Any], projection: Projection, schema: str, reader: LogReader
) -> bool:
    """Catch up and put the new tables in place; False if the live ones got ahead meanwhile."""
    while _advance(connection, projection, reader):
        pass
    try:
        with connection.transaction():
            connection.execute("SET LOCAL lock_timeout = '1s'")
            live = connection.execute(
                "SELECT position FROM read.positions WHERE name = %s FOR UPDATE", [projection.name]
            ).fetchone()
            # The live projection waits now. What it was ahead is read here, unless there is
            # a gap: that is only passed once this transaction has ended.
            while live and reader.position < live[0]:
                if not _advance(connection, projection, reader):
                    raise Rollback
            for table in projection.tables:
                name = sql.Identifier(table.name)
                new = sql.Identifier(schema, table.name)
                connection.execute(sql.SQL("DROP TABLE IF EXISTS read.{}").format(name))
                connection.execute(sql.SQL("ALTER TABLE {} SET SCHEMA read").format(new))
            connection.execute(
                "INSERT INTO read.positions SELECT * FROM positions WHERE name = %s"
                " ON CONFLICT (name) DO UPDATE SET version = excluded.version, position ="
                " excluded.position, state = 'running', error = NULL, failed_position = NULL,"
                " updated_at = now()",
                [projection.name],
            )
            return True
    except errors.LockNotAvailable:
        # Somebody reads the old tables for long: rather wait than make all readers wait.
        log.warning("projection_switch_waits", projection=projection.name)
        time.sleep(_BUSY)
    return False


def _advance(connection: Connection[Any], projection: Projection, reader: LogReader) -> bool:
    after = reader.position
    batch = reader.read(BATCH)
    if batch:
        positions.apply(connection, projection, after, batch)
    return bool(batch)


def _drop(connection: Connection[Any], schema: str) -> None:
    connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema)))
