"""The scheduler's part in schedules and release dates: telling workers what is due."""

from __future__ import annotations

import time
from uuid import UUID

import psycopg
from dramatiq.broker import Broker

from deadwax.workers.broker import ASKS_AGAIN_SECONDS, SCHEDULE, WATCH, send

_WATCHES_EVERY_SECONDS = 60.0

_DUE = """
    SELECT schedule_id, position, running FROM read.schedules
    WHERE due_at <= now() ORDER BY due_at LIMIT 1000"""
_DATED = """
    SELECT DISTINCT tenant_id FROM read.release_dates WHERE last_at >= now() - interval '30 days'
    UNION SELECT tenant_id FROM read.date_warnings WHERE open
    UNION SELECT tenant_id FROM read.schedules WHERE kind = 'before_release' AND due_at IS NOT NULL
    """


class Appointments:
    """Keeps in mind only what it sent. Whether something is due is told by the database's clock,
    here and again by the worker."""

    def __init__(self, connection: psycopg.Connection, broker: Broker, resend_after: float) -> None:
        self._connection, self._broker, self._resend_after = connection, broker, resend_after
        self._sent: dict[UUID, tuple[int, float, float]] = {}
        self._watch_at = 0.0

    def tick(self) -> None:
        due = self._connection.execute(_DUE).fetchall()
        self._sent = {id: self._sent[id] for id, *_ in due if id in self._sent}
        for id, position, running in due:
            self._send_due(id, position, running)
        if time.monotonic() >= self._watch_at:
            self._watch_at = time.monotonic() + _WATCHES_EVERY_SECONDS
            for (tenant_id,) in self._connection.execute(_DATED).fetchall():
                send(self._broker, WATCH, tenant_id)

    def _send_due(self, id: UUID, position: int, running: bool) -> None:
        """At once what has come due; what a worker is at only if it comes no further, and then
        ever more rarely."""
        now = time.monotonic()
        known, at, wait = self._sent.get(id, (None, now, self._resend_after))
        if known != position:
            self._sent[id] = (position, now, self._resend_after)
            if not running:
                send(self._broker, SCHEDULE, id)
        elif now - at >= wait:
            self._sent[id] = (position, now, min(wait * 2, ASKS_AGAIN_SECONDS))
            send(self._broker, SCHEDULE, id)
