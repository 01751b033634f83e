"""How far each projection has come, and whether it stands still: rows beside its tables."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from psycopg import Connection, sql
from psycopg.rows import class_row

from deadwax.application.errors import ApplicationError
from deadwax.application.log import Recorded
from deadwax.projections.base import Projection
from deadwax.projections.table import Table

LIVE = "read"
"""The schema that readers read."""


@dataclass(frozen=True)
class Position:
    """How far a projection has come in the event log."""

    name: Annotated[str, "The projection."]
    version: Annotated[int, "Version of the projection that made the rows."]
    position: Annotated[int, "Log position up to which every event is in the rows."]
    state: Annotated[str, "running, or stopped at an event that it could not apply."]
    error: Annotated[str | None, "Why it stopped."]
    failed_position: Annotated[int | None, "Log position of the event it stopped at."]
    updated_at: Annotated[datetime, "When this row last changed."]


POSITIONS = Table("positions", Position, key=("name",))


class ReadModelBehind(ApplicationError):
    """A projection has not come to the position that was waited for."""

    code = "read_model_behind"

    def __init__(self, position: int, behind: Iterable[Position]) -> None:
        told = ", ".join(f"{p.name} is {p.state} at {p.position}" for p in behind)
        super().__init__(f"Position {position} is not readable yet: {told}. Ask again.")


class Superseded(Exception):
    """Somebody else moved the projection on; read the position again."""


def install(connection: Connection[Any], projections: Sequence[Projection]) -> None:
    """Create the live tables that are missing. Safe to repeat and to run at once elsewhere."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [LIVE])
        create_tables(connection, LIVE, projections)


def create_tables(
    connection: Connection[Any], schema: str, projections: Sequence[Projection]
) -> None:
    """Create what `schema` lacks of `projections`, at position 0."""
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    connection.execute("SELECT set_config('search_path', %s, true)", [schema])
    if not _exists(connection, schema, POSITIONS):
        connection.execute(POSITIONS.ddl)
    for projection in projections:
        for table in projection.tables:
            if not _exists(connection, schema, table):
                connection.execute(table.ddl)
        connection.execute(
            "INSERT INTO positions VALUES (%s, %s, 0, 'running', NULL, NULL, now())"
            " ON CONFLICT DO NOTHING",
            [projection.name, projection.version],
        )


def apply(
    connection: Connection[Any], projection: Projection, after: int, batch: Sequence[Recorded]
) -> None:
    """Bring the rows from position `after` to the end of `batch`: rows and position together.

    Raises Superseded if the projection does not stand at `after` in this version.
    """
    followed = [event for event in batch if event.type.startswith(projection.follows)]
    if not followed:
        _advance(connection, projection, after, batch[-1].position)
        return
    with connection.transaction(), connection.cursor() as cursor:
        # The position first: whoever holds its row has the tables for itself.
        _advance(connection, projection, after, batch[-1].position)
        projection.apply(cursor, followed)


def _advance(connection: Connection[Any], projection: Projection, after: int, to: int) -> None:
    moved = connection.execute(
        "UPDATE positions SET position = %s, state = 'running', error = NULL,"
        " failed_position = NULL, updated_at = now()"
        " WHERE name = %s AND version = %s AND position = %s",
        [to, projection.name, projection.version, after],
    )
    if moved.rowcount == 0:
        raise Superseded


def stop(connection: Connection[Any], name: str, position: int, error: str) -> None:
    """Record that the event at `position` could not be applied."""
    connection.execute(
        "UPDATE positions SET state = 'stopped', error = %s, failed_position = %s,"
        " updated_at = now() WHERE name = %s",
        [error, position, name],
    )


def current(connection: Connection[Any], name: str) -> Position:
    """Where a projection of the connection's schema stands."""
    with connection.cursor(row_factory=class_row(Position)) as cursor:
        found = cursor.execute("SELECT * FROM positions WHERE name = %s", [name]).fetchone()
    assert found is not None, f"{name} is not installed"
    return found


def health(connection: Connection[Any]) -> list[Position]:
    """Where every live projection stands, and the error of those that stopped."""
    with connection.cursor(row_factory=class_row(Position)) as cursor:
        return cursor.execute("SELECT * FROM read.positions ORDER BY name").fetchall()


def wait_for(
    connection: Connection[Any], position: int, names: Sequence[str], timeout: float = 5.0
) -> None:
    """Return once the named live projections hold every event up to `position`.

    Raises ReadModelBehind after `timeout` seconds, or at once when one of them stopped
    before it. `connection` must not be inside a transaction.
    """
    deadline = time.monotonic() + timeout
    while True:
        standing = {p.name: p for p in health(connection)}
        behind = [standing[name] for name in names if standing[name].position < position]
        if not behind:
            return
        if time.monotonic() > deadline or any(p.state == "stopped" for p in behind):
            raise ReadModelBehind(position, behind)
        time.sleep(0.003)


def _exists(connection: Connection[Any], schema: str, table: Table[Any]) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", [f"{schema}.{table.name}"]).fetchone()
    return found is not None and found[0] is not None
