"""The worker process: runs the actors until told to stop."""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import UUID

import dramatiq

from deadwax.application.errors import NotYet, Stopped
from deadwax.application.gate import WaitReason
from deadwax.infrastructure.container import Container
from deadwax.workers import tidying
from deadwax.workers.broker import (
    ADVANCE,
    ANALYSE,
    BULK,
    FOLLOW_UP,
    MAKE_RENDITION,
    MEDIA,
    ORDINARY,
    QUEUE_LOST,
    READ_NOTICE,
    REMOVE,
    RENDER,
    SCHEDULE,
    TIDY_UPLOADS,
    URGENT,
    VERIFY_UPLOAD,
    WATCH,
    WHOLESALE,
    open_broker,
    send,
)

_STOP_TIMEOUT_MS = 30_000
_URGENT_THREADS = 2


def run(container: Container, broker_url: str, stop: threading.Event) -> None:
    """Blocks until `stop`; then running attempts give their leases back between two blocks,
    and what was taken from the queue meanwhile goes back to it."""
    broker = open_broker(broker_url)
    untouched: list[tuple[str, UUID]] = []

    def take_next_step(actor: str, distribution_id: str) -> None:
        id = UUID(distribution_id)
        if stop.is_set():
            untouched.append((actor, id))
        elif wait := container.deliveries.advance(id, lambda: not stop.is_set()):
            container.waits.note(wait)
            if wait.reason is WaitReason.RENDITIONS:
                send(broker, RENDER, id)

    @dramatiq.actor(actor_name=ADVANCE, broker=broker, queue_name=ORDINARY)
    def advance(distribution_id: str) -> None:
        take_next_step(ADVANCE, distribution_id)

    @dramatiq.actor(actor_name=REMOVE, broker=broker, queue_name=URGENT)
    def remove(distribution_id: str) -> None:
        take_next_step(REMOVE, distribution_id)

    @dramatiq.actor(actor_name=RENDER, broker=broker, queue_name=MEDIA)
    def render(distribution_id: str) -> None:
        id = UUID(distribution_id)
        if container.rendering.run(id, lambda: not stop.is_set()):
            send(broker, ADVANCE, id)
        elif stop.is_set():
            untouched.append((RENDER, id))

    @dramatiq.actor(actor_name=MAKE_RENDITION, broker=broker, queue_name=MEDIA)
    def make_rendition(order_id: str) -> None:
        if not stop.is_set():
            with suppress(Stopped):
                container.rendition_orders.advance(UUID(order_id), lambda: not stop.is_set())
        if stop.is_set():
            untouched.append((MAKE_RENDITION, UUID(order_id)))

    @dramatiq.actor(actor_name=FOLLOW_UP, broker=broker, queue_name=ORDINARY)
    def follow_up(target_id: str) -> None:
        try:
            container.follow_up.poll(UUID(target_id))
        finally:
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

    @dramatiq.actor(actor_name=ANALYSE, broker=broker, queue_name=MEDIA)
    def analyse(asset_id: str) -> None:
        try:
            container.analyses.advance(UUID(asset_id), lambda: not stop.is_set())
        except Stopped:
            untouched.append((ANALYSE, UUID(asset_id)))

    @dramatiq.actor(actor_name=VERIFY_UPLOAD, broker=broker, queue_name=MEDIA)
    def verify_upload(upload_id: str) -> None:
        if container.direct_uploads:
            container.direct_uploads.verify(UUID(upload_id))

    @dramatiq.actor(actor_name=TIDY_UPLOADS, broker=broker, queue_name=WHOLESALE)
    def tidy_uploads(nobody: str) -> None:
        tidying.tidy(container)

    threads = container.settings.worker_threads
    workers = [
        dramatiq.Worker(broker, queues={ORDINARY, WHOLESALE}, worker_threads=threads),
        dramatiq.Worker(broker, queues={URGENT}, worker_threads=_URGENT_THREADS),
        dramatiq.Worker(broker, queues={MEDIA}, worker_threads=container.settings.media_processes),
    ]
    for worker in workers:
        worker.start()
    try:
        stop.wait()
    finally:
        for worker in workers:
            worker.stop(timeout=_STOP_TIMEOUT_MS)
        with suppress(*QUEUE_LOST):  # then the feeder sends them again
            for actor, id in untouched:
                send(broker, actor, id)
        broker.close()
