"""What the selection of a bulk job is about, from the read models."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg import sql

from deadwax.application.bulk_selection import Pair, Selection
from deadwax.infrastructure.operations import Pool

_AT_ONCE = 5000


class PostgresChoosing:
    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def releases(self, tenant_id: UUID, selection: Selection) -> Iterator[UUID]:
        query = sql.SQL("SELECT r.release_id FROM read.releases r WHERE {} ORDER BY {}")
        where = {"r.tenant_id = %s": tenant_id, "r.status = %s": "approved"}
        for (id,) in self._rows(query, where | _of_release(selection), "r.created_position"):
            yield id

    def distributions(self, tenant_id: UUID, selection: Selection) -> Iterator[Pair]:
        query = sql.SQL(
            "SELECT b.release_id, b.target_id FROM read.status_board b"
            " LEFT JOIN read.releases r USING (tenant_id, release_id) WHERE {} ORDER BY {}"
        )
        where: dict[LiteralString, Any] = {
            "b.tenant_id = %s": tenant_id,
            "b.release_id = ANY(%s)": list(selection.release_ids),
            "b.target_id = ANY(%s)": list(selection.target_ids),
            "b.status = ANY(%s)": [status.value for status in selection.statuses],
            "b.error_category = ANY(%s)": [category.value for category in selection.categories],
            "b.assignee = %s": selection.assignee and str(selection.assignee),
        }
        yield from self._rows(query, where | _of_release(selection), "b.requested_position")

    def _rows(
        self, query: sql.SQL, where: Mapping[LiteralString, Any], order: LiteralString
    ) -> Iterator[tuple[Any, ...]]:
        """Read bit by bit, as they are wanted."""
        asked = {condition: value for condition, value in where.items() if value not in (None, [])}
        statement = query.format(sql.SQL(" AND ").join(map(sql.SQL, asked)), sql.SQL(order))
        with (
            self._pool.connection() as connection,
            connection.transaction(),
            connection.cursor(f"choosing_{uuid4().hex}") as cursor,
        ):
            cursor.itersize = _AT_ONCE
            yield from cursor.execute(statement, list(asked.values()))


def _of_release(selection: Selection) -> dict[LiteralString, Any]:
    return {
        "r.label = ANY(%s)": [str(label) for label in selection.labels],
        "r.release_date >= %s": selection.released_from,
        "r.release_date <= %s": selection.released_until,
    }
