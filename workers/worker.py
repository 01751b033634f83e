"""The worker process: runs the actors until told to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import UUID

import dramatiq

from deadwax.application.errors import NotYet
from deadwax.infrastructure.container import Container
from deadwax.workers.broker import (
    ADVANCE,
    ASKS_AGAIN_SECONDS,
    BULK,
    FOLLOW_UP,
    ORDINARY,
    QUEUE_LOST,
    READ_NOTICE,
    SCHEDULE,
    WATCH,
    WHOLESALE,
    open_broker,
    send,
)

_STOP_TIMEOUT_MS = 30_000


def run(container: Container, broker_url: str, stop: threading.Event) -> None:
    """Blocks until `stop`; then running attempts give their leases back between two blocks,
    and what was taken from the queue meanwhile goes back to it."""
    broker = open_broker(broker_url)
    untouched: list[UUID] = []

    @dramatiq.actor(actor_name=ADVANCE, broker=broker, queue_name=ORDINARY)
    def advance(distribution_id: str) -> None:
        id = UUID(distribution_id)
        if stop.is_set():
            untouched.append(id)
        else:
            wait = container.deliveries.advance(id, lambda: not stop.is_set())
            if wait is not None and wait <= ASKS_AGAIN_SECONDS:  # else the scheduler does
                send(broker, ADVANCE, id, after=wait)

    @dramatiq.actor(actor_name=FOLLOW_UP, broker=broker, queue_name=ORDINARY)
    def follow_up(target_id: str) -> None:
        container.follow_up.poll(UUID(target_id))
        container.mailboxes.poll(UUID(target_id))

    @dramatiq.actor(actor_name=READ_NOTICE, broker=broker, queue_name=ORDINARY)
    def read_notice(notice_id: str) -> None:
        with suppress(NotYet):  # the scheduler sends it again
            container.notices.read(UUID(notice_id))

    @dramatiq.actor(actor_name=BULK, broker=broker, queue_name=WHOLESALE)
    def advance_bulk(bulk_id: str) -> None:
        id = UUID(bulk_id)
        if container.bulk.advance(id, lambda: not stop.is_set()) and not stop.is_set():
            send(broker, BULK, id)

    @dramatiq.actor(actor_name=SCHEDULE, broker=broker, queue_name=WHOLESALE)
    def advance_schedule(schedule_id: str) -> None:
        container.schedule_runs.advance(UUID(schedule_id), lambda: not stop.is_set())

    @dramatiq.actor(actor_name=WATCH, broker=broker, queue_name=WHOLESALE)
    def watch_dates(tenant_id: str) -> None:
        container.date_watch.watch(UUID(tenant_id))

    worker = dramatiq.Worker(broker, worker_threads=container.settings.worker_threads)
    worker.start()
    try:
        stop.wait()
    finally:
        worker.stop(timeout=_STOP_TIMEOUT_MS)
        with suppress(*QUEUE_LOST):  # then the scheduler sends them again
            for id in untouched:
                send(broker, ADVANCE, id)
        broker.close()
