"""When each release was wanted on a target, and when the platform first had it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain import distribution_events as d
from deadwax.projections.base import Fold
from deadwax.projections.distribution_moves import MOVING, STAYING
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class DeliveryDateRow:
    """The dates of a distribution, anew each time that it is asked for anew."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution: the release on the target."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    status: Annotated[str, "Status of the distribution."]
    wanted_at: Annotated[datetime, "When it was asked for."]
    not_before: Annotated[datetime | None, "Before when nothing is sent."] = None
    delivered_at: Annotated[datetime | None, "When the platform first had it whole."] = None
    live_at: Annotated[datetime | None, "When the platform first said that it is live."] = None
    version: Annotated[int, "Version of the distribution."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]


DELIVERY_DATES = Table(
    "delivery_dates",
    DeliveryDateRow,
    key=("tenant_id", "distribution_id"),
    indexes=("(tenant_id, release_id)",),
)


def _moved(row: DeliveryDateRow, event: Recorded) -> None:
    row.status = event.data["status"]


def _renewed(row: DeliveryDateRow, event: Recorded) -> None:
    _moved(row, event)
    row.wanted_at, row.not_before = event.recorded_at, _not_before(event)
    row.delivered_at = row.live_at = None


def _sent(row: DeliveryDateRow, event: Recorded) -> None:
    _moved(row, event)
    row.delivered_at = row.delivered_at or event.recorded_at


def _rejected(row: DeliveryDateRow, event: Recorded) -> None:
    """What was refused and never live was not delivered."""
    _moved(row, event)
    if row.live_at is None:
        row.delivered_at = None


def _live(row: DeliveryDateRow, event: Recorded) -> None:
    _moved(row, event)
    row.live_at = row.live_at or event.recorded_at


def _unmoved(row: DeliveryDateRow, event: Recorded) -> None:
    """Of no interest to dates."""


def _not_before(event: Recorded) -> datetime | None:
    stated = event.data["not_before"]
    return datetime.fromisoformat(stated) if stated else None


class DeliveryDates(Fold[DeliveryDateRow]):
    """Follows the distributions of all tenants."""

    name = "delivery_dates"
    follows = "distribution."
    tables = (DELIVERY_DATES,)
    table = DELIVERY_DATES
    first = d.DistributionRequested.TOPIC
    steps: ClassVar = {
        **dict.fromkeys(MOVING, _moved),
        **dict.fromkeys(STAYING, _unmoved),
        d.RequestRenewed.TOPIC: _renewed,
        d.Sent.TOPIC: _sent,
        d.Rejected.TOPIC: _rejected,
        d.WentLive.TOPIC: _live,
    }

    def begin(self, event: Recorded) -> DeliveryDateRow:
        return DeliveryDateRow(
            tenant_id=event.tenant_id,
            distribution_id=event.stream_id,
            release_id=UUID(event.data["release_id"]),
            target_id=UUID(event.data["target_id"]),
            status=event.data["status"],
            wanted_at=event.recorded_at,
            not_before=_not_before(event),
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )
