"""Uploads on their way, in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

from deadwax.application.errors import NotFound
from deadwax.application.uploads import Upload, UploadState, Way
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Sha256

_NAMES = [field.name for field in fields(Upload)]
_COLUMNS = ", ".join(_NAMES)
_ADD = f"INSERT INTO uploads ({_COLUMNS}) VALUES ({', '.join(f'%({n})s' for n in _NAMES)})"  # noqa: S608


class PostgresUploads:
    """`seconds` is how long one is kept that nobody goes on with."""

    def __init__(self, pool: ConnectionPool[psycopg.Connection], seconds: float) -> None:
        self._pool, self._seconds = pool, seconds

    def add(self, upload: Upload) -> None:
        row = {name: getattr(upload, name) for name in _NAMES}
        row["parts"] = list(upload.parts)
        row["problems"] = Jsonb([asdict(problem) for problem in upload.problems])
        self._run(_ADD, row)

    def get(self, id: UUID) -> Upload:
        found = self._read(
            "id = %s AND tenant_id = %s AND expires_at > now()", id, current_cause().tenant_id
        )
        if not found:
            raise NotFound("upload", id)
        return found[0]

    def find(self, id: UUID) -> Upload | None:
        found = self._read("id = %s", id)
        return found[0] if found else None

    def put_off(self, id: UUID) -> datetime:
        row = self._run(
            "UPDATE uploads SET expires_at = now() + make_interval(secs => %s) WHERE id = %s"
            " RETURNING expires_at",
            [self._seconds, id],
        )
        if not row:
            raise NotFound("upload", id)
        found: datetime = row[0][0]
        return found

    def prove(self, id: UUID, size: int | None) -> None:
        self._run("UPDATE uploads SET proven = %s WHERE id = %s", [size, id])

    def verify(self, id: UUID) -> None:
        self._run(
            "UPDATE uploads SET state = 'verifying',"
            " expires_at = now() + make_interval(secs => %s) WHERE id = %s",
            [self._seconds, id],
        )

    def claim(self, id: UUID, seconds: float) -> bool:
        return bool(
            self._run(
                "UPDATE uploads SET claimed_until = now() + make_interval(secs => %s)"
                " WHERE id = %s AND state = 'verifying' AND claimed_until < now() RETURNING id",
                [seconds, id],
            )
        )

    def release(self, id: UUID, seconds: float) -> None:
        self._run(
            "UPDATE uploads SET claimed_until = now() + make_interval(secs => %s) WHERE id = %s",
            [seconds, id],
        )

    def settle(self, id: UUID, asset: str, position: int) -> None:
        self._run(
            "UPDATE uploads SET state = 'stored', asset = %s, position = %s WHERE id = %s",
            [asset, position, id],
        )

    def refuse(self, id: UUID, problems: Iterable[Problem]) -> None:
        self._run(
            "UPDATE uploads SET state = 'refused', problems = %s WHERE id = %s",
            [Jsonb([asdict(problem) for problem in problems]), id],
        )

    def remove(self, id: UUID) -> None:
        self._run("DELETE FROM uploads WHERE id = %s", [id])

    def expired(self, most: int) -> list[Upload]:
        return self._read("expires_at < now() ORDER BY expires_at LIMIT %s", most)

    def known(self, ids: Iterable[UUID]) -> set[UUID]:
        rows = self._run("SELECT id FROM uploads WHERE id = ANY (%s)", [list(ids)])
        return {id for (id,) in rows}

    def _run(self, statement: str, values: Any) -> list[tuple[Any, ...]]:
        with self._pool.connection() as connection:
            cursor = connection.execute(statement.encode(), values)
            return cursor.fetchall() if cursor.description else []

    def _read(self, where: str, *values: Any) -> list[Upload]:
        query = f"SELECT {_COLUMNS} FROM uploads WHERE {where}"  # noqa: S608
        with self._pool.connection() as connection:
            cursor = connection.cursor(row_factory=dict_row)
            return [_upload(row) for row in cursor.execute(query.encode(), values)]


def _upload(row: dict[str, Any]) -> Upload:
    read = {
        "way": Way(row["way"]),
        "state": UploadState(row["state"]),
        "sha256": row["sha256"] and Sha256(row["sha256"]),
        "asset": row["asset"] and Sha256(row["asset"]),
        "parts": tuple(row["parts"]),
        "problems": tuple(Problem(**problem) for problem in row["problems"]),
    }
    return Upload(**row | read)
