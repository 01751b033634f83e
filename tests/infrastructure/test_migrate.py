"""Databases are brought to this version's schema once."""

from __future__ import annotations

import psycopg

from deadwax.infrastructure.migrate import migrate


def test_migrating_again_applies_nothing(database_url: str) -> None:
    assert migrate(database_url) == []


def test_every_migration_is_recorded(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        names = [n for (n,) in connection.execute("SELECT name FROM migrations ORDER BY name")]
    assert names == sorted(names)
    assert "0001_events.sql" in names
