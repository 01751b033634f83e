"""Bringing a database to this version's schema."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import psycopg

from deadwax.infrastructure.database import connect


class MigrationChanged(Exception):
    """A migration that was applied has other text now; restore it and write a new one."""


def migrate(url: str) -> list[str]:
    """Apply `migrations/*.sql` that were not applied yet, in order, each in a transaction.

    Returns the names of those applied now. Processes that migrate at once take turns.
    Raises MigrationChanged, and psycopg.Error with the name of the migration as a note.
    """
    folder = files("deadwax.infrastructure") / "migrations"
    scripts = sorted((f for f in folder.iterdir() if f.name.endswith(".sql")), key=lambda f: f.name)
    applied_now = []
    with connect(url, "deadwax-migrate") as connection:
        connection.execute("SELECT pg_advisory_lock(hashtextextended('deadwax:migrate', 0))")
        connection.execute(
            """CREATE TABLE IF NOT EXISTS migrations (
                   name text PRIMARY KEY,
                   sha256 text NOT NULL,
                   applied_at timestamptz NOT NULL DEFAULT now())"""
        )
        applied: dict[str, str] = dict(
            connection.execute("SELECT name, sha256 FROM migrations").fetchall()
        )
        for script in scripts:
            text = script.read_text(encoding="utf-8")
            digest = hashlib.sha256(text.encode()).hexdigest()
            if applied.get(script.name, digest) != digest:
                raise MigrationChanged(
                    f"{script.name} was changed after it was applied: restore its text and make"
                    " the change in a new migration."
                )
            if script.name not in applied:
                _apply(connection, script.name, text, digest)
                applied_now.append(script.name)
    return applied_now


def _apply(connection: psycopg.Connection, name: str, text: str, digest: str) -> None:
    try:
        with connection.transaction():
            connection.execute(text.encode())
            connection.execute(
                "INSERT INTO migrations (name, sha256) VALUES (%s, %s)", (name, digest)
            )
    except psycopg.Error as error:
        error.add_note(f"in migration {name}, of which nothing was kept")
        raise
