"""Tables are as they are declared, and documented."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg

from deadwax.projections.positions import health, install
from deadwax.projections.registry import PROJECTIONS

ROOT = Path(__file__).parents[2]
TABLES = [table for projection in PROJECTIONS for table in projection.tables]


def test_the_page_of_tables_is_drawn_from_the_row_classes() -> None:
    drawn = subprocess.run(
        [sys.executable, ROOT / "docs" / "draw_tables.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert (ROOT / "docs" / "tables.md").read_text() == drawn.stdout


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
