"""What platforms that pull have fetched of each message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain import collection
from deadwax.projections.base import Fold
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class CollectionRow:
    """What a platform that pulls has fetched of one message."""

    tenant_id: Annotated[UUID, "Tenant."]
    collection_id: Annotated[UUID, "Follows from the message's id; the entry's id in the feed."]
    message_id: Annotated[str, "The message."]
    target_id: Annotated[UUID, "Delivery target that it was offered on."]
    distribution_id: Annotated[UUID, "Distribution that it is of."]
    message_fetched_at: Annotated[datetime | None, "When the whole message was served."] = None
    resources_fetched_at: Annotated[
        datetime | None, "When every other file had been served whole."
    ] = None
    finished_at: Annotated[datetime | None, "When the platform said that it has all of it."] = None
    version: Annotated[int, "Number of its last event."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]


COLLECTIONS = Table(
    "collections",
    CollectionRow,
    key=("tenant_id", "collection_id"),
    indexes=("(tenant_id, message_id)", "(tenant_id, target_id, finished_at)"),
)


def _message(row: CollectionRow, event: Recorded) -> None:
    row.message_fetched_at = event.recorded_at


def _resources(row: CollectionRow, event: Recorded) -> None:
    row.resources_fetched_at = event.recorded_at


def _finished(row: CollectionRow, event: Recorded) -> None:
    row.finished_at = event.recorded_at


class Collections(Fold[CollectionRow]):
    """Follows what the platforms of all tenants fetch."""

    name = "collections"
    follows = "collection."
    tables = (COLLECTIONS,)
    table = COLLECTIONS
    first = collection.CollectionStarted.TOPIC
    steps: ClassVar = {
        collection.MessageFetched.TOPIC: _message,
        collection.ResourcesFetched.TOPIC: _resources,
        collection.CollectionFinished.TOPIC: _finished,
    }

    def begin(self, event: Recorded) -> CollectionRow:
        return CollectionRow(
            tenant_id=event.tenant_id,
            collection_id=event.stream_id,
            message_id=event.data["message_id"],
            target_id=UUID(event.data["target_id"]),
            distribution_id=UUID(event.data["distribution_id"]),
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )
