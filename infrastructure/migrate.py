"""Bringing a database to this version's schema."""

from __future__ import annotations

import hashlib
from importlib.resources import files

from deadwax.infrastructure.database import connect


class MigrationChanged(Exception):
    """A migration that was applied has other text now; write a new one instead."""


def migrate(url: str) -> list[str]:
    """Apply `migrations/*.sql` that were not applied yet, in order, each in a transaction.

    Returns the names of those applied now. Processes that migrate at once take turns.
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
            text = script.read_text()
            digest = hashlib.sha256(text.encode()).hexdigest()
            if applied.get(script.name, digest) != digest:
                raise MigrationChanged(f"{script.name} was changed after it was applied.")
            if script.name not in applied:
                with connection.transaction():
                    connection.execute(text)
                    connection.execute(
                        "INSERT INTO migrations (name, sha256) VALUES (%s, %s)",
                        (script.name, digest),
                    )
                applied_now.append(script.name)
    return applied_now
