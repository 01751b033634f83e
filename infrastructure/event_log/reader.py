"""Reading the log in order while others append to it, without ever passing over an event.

Positions are handed out before their transactions end, so a reader can see a position and
not yet the ones below it. At such a gap it stops until the missing numbers have either
appeared or are known to be dead (rolled back, or lost in a crash). They are dead when every
transaction that could hold one has ended: a holder got its transaction id before its
position (see the column's default), so it is older than any id handed out after a higher
position was seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, LiteralString, Self

import psycopg

from deadwax.application.log import Recorded, UnreadableEvent
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.codec import COLUMNS, Row, to_recorded

# The rows and the oldest running transaction are of one snapshot.
_READ = f"""
SELECT {COLUMNS}, (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
FROM events WHERE position > %s ORDER BY position LIMIT %s
"""  # noqa: S608
_XMIN = 12

# The statement's snapshot is older than the transaction id that it is given.
_FENCE = "SELECT max(position), pg_current_xact_id()::text::bigint FROM events"

_ROWS_AT_A_GAP = 50


@dataclass(frozen=True, slots=True)
class _Fence:
    """Once the oldest running transaction is newer than `transaction`, positions up to
    `horizon` that are still missing are dead."""

    horizon: int
    transaction: int


class GapAwareReader:
    """A LogReader on a connection of its own, made at the first read and again when lost."""

    def __init__(self, url: str, position: int) -> None:
        self.position = position
        self.blocked_since: datetime | None = None
        """Since when the reader has stood at a gap; None when it does not."""
        self._url = url
        self._cursor: psycopg.Cursor[tuple[Any, ...]] | None = None
        self._forget_gaps()

    def read(self, limit: int) -> list[Recorded]:
        """As LogReader. A connection lost since the last read is made again once; when that
        fails too, psycopg.OperationalError."""
        try:
            rows = self._safe_rows(limit)
        except psycopg.OperationalError:
            self.close()
            rows = self._safe_rows(limit)
        return self._take(rows)

    def close(self) -> None:
        """The next read connects again."""
        cursor, self._cursor = self._cursor, None
        if cursor:
            cursor.connection.close()
        self._forget_gaps()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _forget_gaps(self) -> None:
        # The server may have crashed, and its transaction ids begun again.
        self._fence: _Fence | None = None
        self._settled = 0

    def _safe_rows(self, limit: int) -> Sequence[Row]:
        if self.blocked_since:
            limit = min(limit, _ROWS_AT_A_GAP)
        rows, safe = self._fetch(limit)
        if rows and not safe and not self._fenced(rows[0][0]):
            self._fence = self._new_fence()
            rows, safe = self._fetch(limit)  # most gaps have nobody left to fill them
        blocked = bool(rows) and not safe
        self.blocked_since = (self.blocked_since or datetime.now(UTC)) if blocked else None
        return rows[:safe]

    def _fetch(self, limit: int) -> tuple[Sequence[Row], int]:
        """The next rows, and how many of them come before the first gap that may still fill."""
        found = self._execute(_READ, self.position, limit)
        if found and self._fence and found[0][_XMIN] > self._fence.transaction:
            self._settled, self._fence = self._fence.horizon, None
        before = self.position
        if found and found[-1][0] - before == len(found):
            return found, len(found)
        for index, row in enumerate(found):
            if row[0] - 1 > max(before, self._settled):
                return found, index
            before = row[0]
        return found, len(found)

    def _fenced(self, position: int) -> bool:
        """Whether the present fence covers a gap right below `position`."""
        return self._fence is not None and self._fence.horizon >= position

    def _new_fence(self) -> _Fence:
        ((horizon, transaction),) = self._execute(_FENCE)
        return _Fence(horizon, transaction)

    def _take(self, rows: Sequence[Row]) -> list[Recorded]:
        taken: list[Recorded] = []
        for row in rows:
            try:
                taken.append(to_recorded(row))
            except UnreadableEvent:
                if taken:
                    break
                raise
        if taken:
            self.position = taken[-1].position
        return taken

    def _execute(self, statement: LiteralString, *parameters: int) -> list[tuple[Any, ...]]:
        if self._cursor is None:
            self._cursor = connect(self._url, "deadwax-read").cursor(binary=True)
        return self._cursor.execute(statement, parameters, prepare=True).fetchall()
