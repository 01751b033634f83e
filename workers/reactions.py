"""Which events make a worker act at once. What waits for a time is the scheduler's."""

from __future__ import annotations

from deadwax.application.log import Recorded
from deadwax.domain.bulk_events import BulkContinued, BulkPlanned, BulkStarted
from deadwax.domain.notice import NoticeReceived
from deadwax.domain.states import WAITING_FOR_WORKER, Status
from deadwax.workers.broker import BULK, READ_NOTICE

WAKES: dict[str, str] = {
    NoticeReceived.TOPIC: READ_NOTICE,
    BulkPlanned.TOPIC: BULK,
    BulkStarted.TOPIC: BULK,
    BulkContinued.TOPIC: BULK,
}
"""Types of events of other streams, and the actor that each wakes for its stream."""


def wakes_worker(event: Recorded) -> bool:
    """Whether the event leaves a distribution in a state that a worker should move on."""
    status = event.data.get("status") if event.type.startswith("distribution.") else None
    return status is not None and Status(status) in WAITING_FOR_WORKER


def is_urgent(event: Recorded) -> bool:
    """Takedowns overtake other releases' deliveries, never their own."""
    return event.type == "distribution.takedown_requested"
