"""The dispatcher process: tails the log and wakes workers. Sends first, records second."""

from __future__ import annotations

import threading

import psycopg
import structlog
from dramatiq.broker import Broker

from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.wakeup import Listener
from deadwax.infrastructure.single import only_one
from deadwax.workers.broker import ADVANCE, QUEUE_LOST, open_broker, send
from deadwax.workers.reactions import WAKES, is_urgent, wakes_worker

_log = structlog.get_logger()
_NAME = "dispatcher"
_FLOOR_SECONDS = 0.5
_BATCH = 500


def run(database_url: str, broker_url: str, stop: threading.Event) -> None:
    """Blocks until `stop`. A lost database or queue is tried again for ever."""
    broker = open_broker(broker_url)
    while not stop.is_set():
        try:
            with only_one(database_url, _NAME, stop) as connection:
                if connection is not None:
                    _tail(database_url, connection, broker, stop)
        except (psycopg.Error, *QUEUE_LOST) as error:
            _log.warning("dispatcher_interrupted", why=type(error).__name__)
            stop.wait(0.5)
    broker.close()


def _tail(url: str, connection: psycopg.Connection, broker: Broker, stop: threading.Event) -> None:
    row = connection.execute("SELECT position FROM dispatched").fetchone()
    with GapAwareReader(url, row[0] if row else 0) as reader, Listener(url) as listener:
        while not stop.is_set():
            events = reader.read(_BATCH)
            if not events:
                listener.wait(_FLOOR_SECONDS)
                continue
            for event in events:
                if wakes_worker(event):
                    send(broker, ADVANCE, event.stream_id, urgent=is_urgent(event))
                elif event.type in WAKES:
                    send(broker, WAKES[event.type], event.stream_id)
            connection.execute(
                """INSERT INTO dispatched (one, position) VALUES (true, %s)
                   ON CONFLICT (one) DO UPDATE SET position = excluded.position""",
                (reader.position,),
            )
