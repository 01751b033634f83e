"""Tables are as they are declared."""

from __future__ import annotations

import psycopg

from deadwax.projections.positions import health, install
from deadwax.projections.registry import PROJECTIONS

TABLES = [table for projection in PROJECTIONS for table in projection.tables]


def test_every_key_begins_with_the_tenant() -> None:
    assert {table.key[0] for table in TABLES} == {"tenant_id"}


def test_every_table_and_column_is_explained_in_the_database(db: psycopg.Connection) -> None:
    for table in TABLES:
        found = db.execute(
            "SELECT attname, format_type(atttypid, atttypmod), NOT attnotnull,"
            " col_description(attrelid, attnum) FROM pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 ORDER BY attnum",
            [f"read.{table.name}"],
        ).fetchall()
        long = {"timestamptz": "timestamp with time zone"}
        assert found == [
            (c.name, long.get(c.type, c.type), c.nullable, c.comment) for c in table.columns
        ]
        comment = db.execute(
            "SELECT obj_description(%s::regclass)", [f"read.{table.name}"]
        ).fetchone()
        assert comment == (table.comment,)
        assert all(len(text) > 5 for _, _, _, text in found)


def test_installing_again_changes_nothing(db: psycopg.Connection) -> None:
    before = health(db)
    install(db, PROJECTIONS)
    assert health(db) == before
