"""The queue: Dramatiq messages that carry ids only. Losing all of them loses nothing."""

from __future__ import annotations

from uuid import UUID

import dramatiq
from dramatiq.broker import Broker
from dramatiq.errors import BrokerError
from dramatiq.middleware import ShutdownNotifications, TimeLimit
from pika.exceptions import AMQPError
from redis.exceptions import RedisError

QUEUE_LOST = (BrokerError, RedisError, AMQPError)
"""What sending raises while the queue is away: Dramatiq's own error, or the driver's."""

ADVANCE, FOLLOW_UP = "distribution.advance", "target.follow_up"
REMOVE = "distribution.remove"
"""Advances what goes at once: a queue and threads of its own, so that no upload is before it."""
ASKS_AGAIN_SECONDS = 300.0
"""What waits for a worker is sent again at least this often. Nothing is delayed in the queue,
where delayed messages would pile up."""
RENDER = "distribution.render"
"""Makes the renditions of its files, in a queue and threads of its own: no upload is behind it."""
MAKE_RENDITION = "rendition_order.advance"
ANALYSE = "asset.analyse"
VERIFY_UPLOAD, TIDY_UPLOADS = "upload.verify", "uploads.tidy"
READ_NOTICE = "notice.read"
ORDINARY, URGENT, MEDIA = "deliveries", "urgent", "media"
BULK, WHOLESALE = "bulk.advance", "wholesale"
SCHEDULE, WATCH = "schedule.advance", "dates.watch"
"""Bulk jobs and schedules have a queue of their own, or they would wait behind what they make."""
_QUEUES = {
    REMOVE: URGENT,
    BULK: WHOLESALE,
    SCHEDULE: WHOLESALE,
    WATCH: WHOLESALE,
    RENDER: MEDIA,
    MAKE_RENDITION: MEDIA,
    ANALYSE: MEDIA,
    VERIFY_UPLOAD: MEDIA,
    TIDY_UPLOADS: WHOLESALE,
}
_DAY_MS = 24 * 60 * 60 * 1000


def open_broker(url: str) -> Broker:
    """A broker for redis://, rediss://, unix:// (Redis) or amqp:// (RabbitMQ).

    Without Dramatiq's retries: waiting and trying again are decided by the log.
    """
    middleware = [TimeLimit(time_limit=_DAY_MS), ShutdownNotifications()]
    broker: Broker
    if url.startswith(("amqp://", "amqps://")):
        from dramatiq.brokers.rabbitmq import RabbitmqBroker

        broker = RabbitmqBroker(url=url, middleware=middleware)
    else:
        from dramatiq.brokers.redis import RedisBroker

        broker = RedisBroker(url=url, middleware=middleware)  # type: ignore[no-untyped-call]
    for queue in (ORDINARY, URGENT, WHOLESALE, MEDIA):
        broker.declare_queue(queue)
    return broker


def send(broker: Broker, actor: str, id: UUID) -> None:
    """Ask some worker to run `actor` for `id`. Sending twice is harmless."""
    broker.enqueue(
        dramatiq.Message(
            queue_name=_QUEUES.get(actor, ORDINARY),
            actor_name=actor,
            args=(str(id),),
            kwargs={},
            options={},
        )
    )
