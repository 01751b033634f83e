"""Lists of a tenant's rows, page by page, in an order that new rows do not disturb."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, LiteralString, TypeVar
from uuid import UUID

from psycopg import Connection, sql
from psycopg.rows import class_row

from deadwax.domain.errors import InvalidValue
from deadwax.projections.table import Table

R = TypeVar("R")
Conditions = Mapping[LiteralString, Any]
"""SQL conditions with one %s each, and its value; those whose value is None do not count."""


@dataclass(frozen=True)
class Page(Generic[R]):
    """Some rows, and the cursor of the next page; None at the end of the list."""

    items: list[R]
    next_cursor: str | None


def every(
    connection: Connection[Any],
    table: Table[R],
    tenant_id: UUID,
    where: Conditions,
    *,
    by: LiteralString,
) -> list[R]:
    """All live rows of the tenant that meet the conditions; for lists that stay short."""
    order = sql.SQL("ORDER BY {}").format(sql.Identifier(by))
    return _select(connection, table, tenant_id, where, order)


def page(
    connection: Connection[Any],
    table: Table[R],
    tenant_id: UUID,
    where: Conditions,
    *,
    by: LiteralString,
    cursor: str | None,
    limit: int,
) -> Page[R]:
    """Live rows of the tenant that meet the conditions, in the order of `by`: a column that
    is a number, unlike in every row of a tenant and never changed.

    Raises InvalidValue for a `cursor` that no page of this list gave out.
    """
    after = _read_cursor(table.name, cursor) if cursor else None
    order = sql.SQL("ORDER BY {} LIMIT {}").format(sql.Identifier(by), limit + 1)
    rows = _select(connection, table, tenant_id, {**where, f"{by} > %s": after}, order)
    more = len(rows) > limit
    last = getattr(rows[limit - 1], by) if more else 0
    return Page(rows[:limit], _write_cursor(table.name, last) if more else None)


def _select(
    connection: Connection[Any],
    table: Table[R],
    tenant_id: UUID,
    where: Conditions,
    rest: sql.Composable,
) -> list[R]:
    asked = {"tenant_id = %s": tenant_id, **{c: v for c, v in where.items() if v is not None}}
    query = sql.SQL("SELECT * FROM read.{} WHERE {} {}").format(
        sql.Identifier(table.name), sql.SQL(" AND ").join(map(sql.SQL, asked)), rest
    )
    with connection.cursor(row_factory=class_row(table.row)) as reading:
        return reading.execute(query, list(asked.values())).fetchall()


def _write_cursor(name: str, last: int) -> str:
    return base64.urlsafe_b64encode(f"{name}:{last}".encode()).decode().rstrip("=")


def _read_cursor(name: str, cursor: str) -> int:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        listed, _, last = text.partition(":")
        if listed == name:
            return int(last)
    except (binascii.Error, ValueError):
        pass
    raise InvalidValue(
        "cursor_invalid",
        "The cursor is not one that this list gave out.",
        "Give next_cursor of the page before, unchanged, or none to start again.",
    )
