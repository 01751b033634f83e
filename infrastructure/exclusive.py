"""Work that one process does at a time: a session lock, which ends with its process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from deadwax.infrastructure.database import connect


class PostgresExclusive:
    """Implements application.rendering.Exclusive, with a connection for each thing held."""

    def __init__(self, url: str) -> None:
        self._url = url

    @contextmanager
    def __call__(self, id: UUID) -> Iterator[bool]:
        with connect(self._url, "deadwax-exclusive") as connection:
            row = connection.execute(
                "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", (f"deadwax:{id}",)
            ).fetchone()
            yield bool(row and row[0])
