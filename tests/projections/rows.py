"""The rows of projections, for comparing."""

from __future__ import annotations

from typing import Any

from psycopg import Connection, sql

from deadwax.projections.registry import PROJECTIONS


def all_rows(connection: Connection[Any]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every live table, ordered by key."""
    found = {}
    for projection in PROJECTIONS:
        for table in projection.tables:
            query = sql.SQL("SELECT * FROM read.{} ORDER BY {}").format(
                sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.key))
            )
            found[table.name] = connection.execute(query).fetchall()
    return found
