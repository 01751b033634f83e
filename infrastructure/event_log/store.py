"""The event log in PostgreSQL: appending in one round trip, loading one stream."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any, LiteralString, TypeVar, cast
from uuid import UUID

import psycopg
from psycopg.errors import UniqueViolation
from psycopg_pool import ConnectionPool

from deadwax.application.errors import Conflict
from deadwax.application.log import LogUnavailable
from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.codec import COLUMNS, Row, encode, to_event
from deadwax.infrastructure.event_log.commits import Append, GroupCommit
from deadwax.infrastructure.event_log.wakeup import Announcer

# One statement for one event and for thousands, so that one transaction and one round trip
# store them; positions rise in the order given.
INSERT = """
INSERT INTO events (event_id, stream_id, version, type, schema_version, tenant_id, actor,
                    correlation_id, causation_id, recorded_at, data)
SELECT event_id, stream_id, version, type, schema_version, tenant_id, actor,
       correlation_id, causation_id, recorded_at, data
FROM ROWS FROM (json_to_recordset(%s) AS (
    event_id uuid, stream_id uuid, version integer, type text, schema_version smallint,
    tenant_id uuid, actor text, correlation_id text, causation_id text,
    recorded_at timestamptz, data json)) WITH ORDINALITY
ORDER BY ordinality
RETURNING position
"""

_ALREADY_THERE = """
SELECT stream_id, version, position, there.event_id = mine.event_id
FROM json_to_recordset(%s) AS mine (event_id uuid, stream_id uuid, version integer)
JOIN events AS there USING (stream_id, version)
ORDER BY position
"""

_LOAD = f"SELECT {COLUMNS} FROM events WHERE stream_id = %s ORDER BY version"  # noqa: S608
_LOAD_ALL = f"""SELECT {COLUMNS} FROM events WHERE stream_id = ANY(%s)
ORDER BY stream_id, version"""  # noqa: S608

_MOST_ROWS = 500
_PATIENCE_SECONDS = 10.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.5

Cursor = psycopg.Cursor[tuple[Any, ...]]
T = TypeVar("T")


class PostgresEventLog:
    """Appends through one connection of its own, loads through an autocommit pool.

    Connects lazily: construct it before a fork, use it after. For use by many threads.
    """

    def __init__(self, pool: ConnectionPool[psycopg.Connection], url: str) -> None:
        self._pool = pool
        self._url = url
        self._commits = GroupCommit(self._commit, most_rows=_MOST_ROWS)
        self._announcer = Announcer(url)
        self._cursor: Cursor | None = None

    def append(self, events: Sequence[Event]) -> int:
        if not events:
            raise ValueError("append needs at least one event")
        append = Append([encode(event) for event in events], _deadline())
        self._commits.submit(append)
        if append.error:
            raise append.error
        assert append.position is not None
        return append.position

    def load(self, stream_id: UUID) -> list[Event]:
        return [to_event(row) for row in self._rows(_LOAD, stream_id)]

    def load_all(self, stream_ids: Sequence[UUID]) -> dict[UUID, list[Event]]:
        streams: dict[UUID, list[Event]] = {}
        for row in self._rows(_LOAD_ALL, list(stream_ids)) if stream_ids else ():
            event = to_event(row)
            streams.setdefault(event.originator_id, []).append(event)
        return streams

    def close(self) -> None:
        """Announce what was appended and close the connections that the log opened."""
        self._announcer.close()
        self._disconnect()

    def _rows(self, query: LiteralString, wanted: UUID | list[UUID]) -> list[Row]:
        def read() -> list[Row]:
            with self._pool.connection(timeout=_PATIENCE_SECONDS) as connection:
                cursor = connection.cursor(binary=True)
                return cast(list[Row], cursor.execute(query, (wanted,), prepare=True).fetchall())

        return _patiently(_deadline(), read, self._pool.check)

    def _commit(self, group: Sequence[Append]) -> None:
        """Settle every append of the group. Runs in one thread at a time."""
        try:
            if len(group) == 1 or not self._store_together(group):
                for append in group:
                    self._store_alone(append)
        except BaseException:
            self._disconnect()  # interrupted: the answer to the statement is still to come
            raise
        if any(append.position for append in group):
            self._announcer.announce()

    def _store_together(self, group: Sequence[Append]) -> bool:
        """Whether it worked. If not, one append was at fault for all or the connection was
        lost, perhaps after the statement took effect: each is then to be tried alone."""
        try:
            stored = self._execute(INSERT, [row for append in group for row in append.rows])
        except psycopg.Error:
            return False
        last = -1
        for append in group:
            last += len(append.rows)
            append.position = stored[last][0]
        return True

    def _store_alone(self, append: Append) -> None:
        try:
            append.position = _patiently(
                append.deadline, lambda: self._insert_or_recognise(append), self._disconnect
            )
        except (Conflict, LogUnavailable, psycopg.Error) as error:
            append.error = error

    def _insert_or_recognise(self, append: Append) -> int:
        """The position of the last event, which an earlier attempt may have stored already."""
        try:
            position: int = self._execute(INSERT, append.rows)[-1][0]
        except UniqueViolation:
            there = self._execute(_ALREADY_THERE, append.rows)
            if not there:
                raise  # the append itself holds a version twice
            others = [row for row in there if not row[3]]
            if others or len(there) < len(append.rows):
                stream_id, version, *_ = (others or there)[0]
                raise Conflict(
                    f"Another change came first: stream {stream_id} has version {version}."
                ) from None
            position = there[-1][2]
        return position

    def _execute(self, statement: LiteralString, rows: Sequence[str]) -> list[tuple[Any, ...]]:
        if self._cursor is None:
            connection = connect(self._url, "deadwax-append")
            self._cursor = connection.cursor(binary=True)
        return self._cursor.execute(statement, (f"[{','.join(rows)}]",), prepare=True).fetchall()

    def _disconnect(self) -> None:
        cursor, self._cursor = self._cursor, None
        if cursor:
            cursor.connection.close()


def _deadline() -> float:
    return time.monotonic() + _PATIENCE_SECONDS


def _patiently(deadline: float, attempt: Callable[[], T], recover: Callable[[], None]) -> T:
    """What `attempt` returns, tried again after `recover` while the server is away."""
    pause = _FIRST_PAUSE
    while True:
        try:
            return attempt()
        except psycopg.OperationalError as error:
            recover()
            if time.monotonic() + pause > deadline:
                raise LogUnavailable("The event log cannot be reached; try again.") from error
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
