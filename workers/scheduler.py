"""The scheduler process: what waits for a time, what went silent, what got lost."""

from __future__ import annotations

import threading
import time

import psycopg
import structlog
from dramatiq.broker import Broker

from deadwax.domain.cause import SYSTEM_TENANT
from deadwax.domain.rendition_orders import RenditionOrder
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.single import only_one
from deadwax.workers.appointments import Appointments
from deadwax.workers.broker import (
    ANALYSE,
    ASKS_AGAIN_SECONDS,
    BULK,
    FOLLOW_UP,
    MAKE_RENDITION,
    QUEUE_LOST,
    READ_NOTICE,
    TIDY_UPLOADS,
    VERIFY_UPLOAD,
    open_broker,
    send,
)

_log = structlog.get_logger()
_TICK_SECONDS = 0.5
_TIDY_SECONDS = 600.0

_SILENT = """
    SELECT a.distribution_id, a.token FROM read.agenda a
    LEFT JOIN leases l ON l.distribution_id = a.distribution_id AND l.token = a.token
    WHERE a.lease_until IS NOT NULL AND coalesce(l.expires_at, a.lease_until) < now()"""
_POLLS = """
    WITH awaited AS (SELECT DISTINCT target_id FROM read.agenda WHERE awaiting_since IS NOT NULL)
    INSERT INTO polls AS p (target_id, next_at)
    SELECT target_id, now() + make_interval(secs => coalesce(t.poll_seconds, %(every)s))
    FROM awaited LEFT JOIN read.targets t USING (target_id)
    ON CONFLICT (target_id) DO UPDATE SET next_at = excluded.next_at WHERE p.next_at <= now()
    RETURNING target_id"""
_UNREAD = """
    SELECT notice_id FROM read.notices WHERE status = 'received'
    AND received_at < now() - make_interval(secs => %(after)s) ORDER BY received_at LIMIT 100"""
_BULK = """
    SELECT bulk_id FROM read.bulk_jobs WHERE status IN ('planned', 'checking', 'running')
    AND updated_at < now() - make_interval(secs => %(after)s) ORDER BY updated_at LIMIT 100"""
_LEFT_WAITING = """
    WITH waiting AS (
        SELECT {id} FROM read.{table} WHERE state = '{state}'
        AND updated_at < now() - make_interval(secs => %(after)s) ORDER BY updated_at LIMIT 1000)
    INSERT INTO analyses AS a (asset_id) SELECT {id} FROM waiting
    ON CONFLICT (asset_id) DO UPDATE SET asked_at = now()
    WHERE coalesce(a.at < now() - make_interval(secs => %(stale)s), true)
      AND a.asked_at < now() - make_interval(secs => CASE WHEN a.at IS NULL THEN %(again)s
                                                     ELSE %(after)s END)
    RETURNING asset_id"""
_UNMEASURED = _LEFT_WAITING.format(id="asset_id", table="assets", state="analysing").encode()
_UNMADE = _LEFT_WAITING.format(id="rendition_id", table="renditions", state="waiting").encode()
_FORGOTTEN = """
    DELETE FROM analyses WHERE greatest(at, asked_at) < now() - interval '1 hour'"""
_UPLOADED = """
    UPDATE uploads SET asked_until = now() + make_interval(secs => %(after)s) WHERE id IN (
        SELECT id FROM uploads WHERE state = 'verifying' AND asked_until < now()
        AND claimed_until < now() LIMIT 100) RETURNING id"""
_UNANSWERED = """
    SELECT a.distribution_id FROM read.agenda a LEFT JOIN read.targets t USING (target_id)
    WHERE a.status = 'processing_by_platform' AND a.awaiting_since
        < now() - make_interval(secs => coalesce(t.answer_hours * 3600, %(answer)s))"""


def run(container: Container, broker_url: str, stop: threading.Event) -> None:
    """Blocks until `stop`. A lost database or queue is tried again for ever."""
    url = container.settings.database_url
    assert url is not None
    broker = open_broker(broker_url)
    while not stop.is_set():
        try:
            with only_one(url, "scheduler", stop) as connection:
                if connection is not None:
                    Scheduler(container, connection, broker).run(stop)
        except (psycopg.Error, *QUEUE_LOST) as error:
            _log.warning("scheduler_interrupted", why=type(error).__name__)
            stop.wait(0.5)
    broker.close()


class Scheduler:
    def __init__(self, container: Container, connection: psycopg.Connection, broker: Broker):
        self._container, self._connection, self._broker = container, connection, broker
        self._look_for_polls_at = self._tidy_at = 0.0
        self._resend_after = max(2.0, min(15.0, container.settings.lease_seconds))
        self._appointments = Appointments(connection, broker, self._resend_after)

    def run(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.tick()
            stop.wait(_TICK_SECONDS)

    def tick(self) -> None:
        settings, execute = self._container.settings, self._connection.execute
        self._appointments.tick()
        for id, token in execute(_SILENT).fetchall():
            _log.warning("lease_expired", distribution_id=str(id), token=token)
            self._container.deliveries.reclaim(id, token)
        if time.monotonic() >= self._look_for_polls_at:
            self._look_for_polls_at = time.monotonic() + min(settings.poll_seconds, 30) / 2
            for (target_id,) in execute(_POLLS, {"every": settings.poll_seconds}).fetchall():
                send(self._broker, FOLLOW_UP, target_id)
            execute("DELETE FROM waits WHERE until < now() - interval '1 hour'")
            execute("DELETE FROM leases WHERE expires_at < now() - interval '1 hour'")
            for (notice_id,) in execute(_UNREAD, {"after": self._resend_after}).fetchall():
                send(self._broker, READ_NOTICE, notice_id)
            execute(_FORGOTTEN)
            asked = {
                "after": self._resend_after,
                "stale": settings.lease_seconds,
                "again": ASKS_AGAIN_SECONDS,
            }
            for (asset_id,) in execute(_UNMEASURED, asked).fetchall():
                send(self._broker, ANALYSE, asset_id)
            for (bulk_id,) in execute(_BULK, {"after": self._resend_after}).fetchall():
                send(self._broker, BULK, bulk_id)
            for (rendition_id,) in execute(_UNMADE, asked).fetchall():
                send(self._broker, MAKE_RENDITION, RenditionOrder.id_of(rendition_id))
        for (id,) in execute(_UPLOADED, {"after": self._resend_after}).fetchall():
            send(self._broker, VERIFY_UPLOAD, id)
        if time.monotonic() >= self._tidy_at:
            self._tidy_at = time.monotonic() + _TIDY_SECONDS
            send(self._broker, TIDY_UPLOADS, SYSTEM_TENANT)
        for (id,) in execute(_UNANSWERED, {"answer": settings.answer_seconds}).fetchall():
            self._container.deliveries.give_up_waiting(id)
