"""What platforms that pull are offered: the entries of their feeds.

One row for each distribution whose messages are fetched by the platform; others leave no row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg import Connection, Cursor
from psycopg.rows import class_row

from deadwax.application.log import Recorded
from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.domain.choreography_versions import ChoreographyKind
from deadwax.domain.states import GONE
from deadwax.projections.base import Projection, UnknownEvent, key_of
from deadwax.projections.distribution_moves import MOVING, STAYING
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class OfferRow:
    """What a platform that pulls is offered of one release; nothing after it was withdrawn."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution."]
    target_id: Annotated[UUID, "Delivery target, whose platform pulls."]
    composed: Annotated[dict[str, Any], "The message composed last, as MessageComposed has it."]
    message: Annotated[dict[str, Any] | None, "The message on offer, if there is one."] = None
    message_id: Annotated[str | None, "Its id."] = None
    offered_at: Annotated[datetime | None, "Since when it is on offer."] = None
    offered_position: Annotated[int | None, "Log position of that: the order of the feed."] = None
    answered_at: Annotated[datetime | None, "When the platform accepted it or said it is live."] = (
        None
    )
    publishing: Annotated[bool, "Whether it was not seen yet that its publishing ended."] = False
    changed_at: Annotated[datetime, "When the feed last changed because of it."]
    position: Annotated[int, "Log position of the distribution's last event."]


OFFERS = Table(
    "offers",
    OfferRow,
    key=("tenant_id", "distribution_id"),
    indexes=(
        "(tenant_id, target_id, offered_position) WHERE answered_at IS NULL",
        "(tenant_id, target_id, changed_at)",
    ),
)


def _composed(row: OfferRow, event: Recorded) -> None:
    row.composed = event.data["message"]


def _offered(row: OfferRow, event: Recorded) -> None:
    row.message, row.message_id = row.composed, row.composed["id"]
    row.offered_at, row.offered_position = event.recorded_at, event.position
    row.answered_at, row.publishing = None, True
    row.changed_at = event.recorded_at


def _sent(row: OfferRow, event: Recorded) -> None:
    row.publishing = False


def _withdrawn(row: OfferRow, event: Recorded) -> None:
    row.publishing = False
    if row.message_id is not None:
        row.message = row.message_id = row.offered_at = row.offered_position = None
        row.answered_at = None
        row.changed_at = event.recorded_at


def _answered(row: OfferRow, event: Recorded) -> None:
    if row.message_id == event.data["message_id"] and row.answered_at is None:
        row.answered_at = row.changed_at = event.recorded_at


def _absent(row: OfferRow, event: Recorded) -> None:
    """It was established that what was published had never arrived."""
    if row.publishing:
        _withdrawn(row, event)


def _queued(row: OfferRow, event: Recorded) -> None:
    if event.data["reason"] == "not_delivered":
        _absent(row, event)


_STEPS: dict[str, Callable[[OfferRow, Recorded], None]] = {
    d.MessageComposed.TOPIC: _composed,
    d.PublishingStarted.TOPIC: _offered,
    d.Sent.TOPIC: _sent,
    d.Queued.TOPIC: _queued,
    d.AttemptFailed.TOPIC: _absent,
    d.Accepted.TOPIC: _answered,
    d.WentLive.TOPIC: _answered,
    d.Rejected.TOPIC: _withdrawn,
    d.RequestRenewed.TOPIC: _withdrawn,
    asked.TakedownRequested.TOPIC: _withdrawn,
    asked.PurgeRequested.TOPIC: _withdrawn,
}
_WITHOUT_EFFECT = (MOVING | STAYING) - _STEPS.keys()


class Offers(Projection):
    """Follows the distributions of all tenants to platforms that pull."""

    name = "offers"
    follows = "distribution."
    tables = (OFFERS,)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        streams = {(event.tenant_id, event.stream_id) for event in batch}
        rows = {
            key_of(row.tenant_id, row.distribution_id): row for row in OFFERS.get(cursor, streams)
        }
        for event in batch:
            key = key_of(event.tenant_id, event.stream_id)
            row = rows.get(key) or _begun(event)
            if row is not None:
                rows[key] = row
                _follow(row, event)
        OFFERS.put(cursor, list(rows.values()))


def _begun(event: Recorded) -> OfferRow | None:
    """The first message that a platform is to fetch."""
    if event.type != d.MessageComposed.TOPIC:
        return None
    message = event.data["message"]
    kind, _, _ = message.get("choreography", "").partition(" ")
    if kind != ChoreographyKind.WEB_SERVICE:
        return None
    return OfferRow(
        tenant_id=event.tenant_id,
        distribution_id=event.stream_id,
        target_id=UUID(message["target_id"]),
        composed=message,
        changed_at=event.recorded_at,
        position=event.position,
    )


def _follow(row: OfferRow, event: Recorded) -> None:
    if event.type in _STEPS:
        _STEPS[event.type](row, event)
    elif event.type not in _WITHOUT_EFFECT:
        raise UnknownEvent(event)
    if event.data.get("status") in GONE:
        _withdrawn(row, event)
    row.position = event.position


@dataclass(frozen=True)
class Feed:
    """A page of a feed, oldest first; `more` says whether another follows. `changed_at` is when
    the feed last changed, None if nothing was ever on offer."""

    entries: list[OfferRow]
    more: bool
    changed_at: datetime | None


def feed(
    connection: Connection[Any], tenant_id: UUID, target_id: UUID, after: int, limit: int
) -> Feed:
    """What the platform of a target is offered and has neither answered nor said to have, from
    after `after` (offered_position) on."""
    with connection.cursor(row_factory=class_row(OfferRow)) as reading:
        rows = reading.execute(_FEED, [tenant_id, target_id, after, limit + 1]).fetchall()
    (changed_at,) = connection.execute(_CHANGED, [tenant_id, target_id] * 2).fetchone() or (None,)
    return Feed(rows[:limit], len(rows) > limit, changed_at)


_FEED = """
SELECT offers.* FROM read.offers
LEFT JOIN read.collections USING (tenant_id, message_id)
WHERE offers.tenant_id = %s AND offers.target_id = %s AND offered_position > %s
  AND answered_at IS NULL AND finished_at IS NULL
ORDER BY offered_position LIMIT %s
"""
_CHANGED = """
SELECT greatest(
    (SELECT max(changed_at) FROM read.offers WHERE tenant_id = %s AND target_id = %s),
    (SELECT max(finished_at) FROM read.collections WHERE tenant_id = %s AND target_id = %s))
"""
