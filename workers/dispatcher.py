"""The dispatcher process: tails the log, feeds the queue and wakes workers.

Sends first, records second: after a crash something is sent once too often, which is harmless.
"""

from __future__ import annotations

import threading
from functools import partial
from uuid import UUID

import psycopg
import structlog
from dramatiq.broker import Broker

from deadwax.infrastructure.container import Container
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.wakeup import Listener
from deadwax.infrastructure.single import only_one
from deadwax.workers.broker import ADVANCE, QUEUE_LOST, REMOVE, open_broker, send
from deadwax.workers.due import DueList
from deadwax.workers.feeder import Feeder
from deadwax.workers.reactions import WAKES

_log = structlog.get_logger()
_NAME = "dispatcher"
_FLOOR_SECONDS = 0.5
_BATCH = 500


def run(container: Container, broker_url: str, stop: threading.Event) -> None:
    """Blocks until `stop`. A lost database or queue is tried again for ever."""
    url = container.settings.require_database()
    broker = open_broker(broker_url)
    while not stop.is_set():
        try:
            with only_one(url, _NAME, stop) as connection:
                if connection is not None:
                    _tail(container, url, connection, broker, stop)
        except (psycopg.Error, *QUEUE_LOST) as error:
            _log.warning("dispatcher_interrupted", why=type(error).__name__)
            stop.wait(0.5)
    broker.close()


def _tail(
    container: Container,
    url: str,
    connection: psycopg.Connection,
    broker: Broker,
    stop: threading.Event,
) -> None:
    settings = container.settings
    feeder = Feeder(
        DueList(connection, container.catalogue),
        partial(_send, broker),
        limit=settings.queue_limit,
        resend_seconds=max(2.0, min(15.0, settings.lease_seconds)),
    )
    row = connection.execute("SELECT position FROM dispatched").fetchone()
    with GapAwareReader(url, row[0] if row else 0) as reader, Listener(url) as listener:
        while not stop.is_set():
            events = reader.read(_BATCH)
            for event in events:
                feeder.note(event)
                if event.type in WAKES:
                    send(broker, WAKES[event.type], event.stream_id)
            if events:
                _record(connection, reader.position)
            idle = feeder.feed()
            if not events:
                listener.wait(min(idle, _FLOOR_SECONDS))


def _send(broker: Broker, id: UUID, urgent: bool) -> None:
    send(broker, REMOVE if urgent else ADVANCE, id)


def _record(connection: psycopg.Connection, position: int) -> None:
    connection.execute(
        """INSERT INTO dispatched (one, position) VALUES (true, %s)
           ON CONFLICT (one) DO UPDATE SET position = excluded.position""",
        (position,),
    )
