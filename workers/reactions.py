"""Which events make a worker act at once, beside those of distributions, which have a feeder."""

from __future__ import annotations

from deadwax.domain.assets import AssetStored
from deadwax.domain.bulk_events import BulkContinued, BulkPlanned, BulkStarted
from deadwax.domain.notice import NoticeReceived
from deadwax.domain.rendition_orders import RenditionOrdered, RenditionReordered
from deadwax.workers.broker import ANALYSE, BULK, MAKE_RENDITION, READ_NOTICE

WAKES: dict[str, str] = {
    AssetStored.TOPIC: ANALYSE,
    NoticeReceived.TOPIC: READ_NOTICE,
    BulkPlanned.TOPIC: BULK,
    BulkStarted.TOPIC: BULK,
    BulkContinued.TOPIC: BULK,
    RenditionOrdered.TOPIC: MAKE_RENDITION,
    RenditionReordered.TOPIC: MAKE_RENDITION,
}
"""Types of events of other streams, and the actor that each wakes for its stream."""
