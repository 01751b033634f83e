"""Tenants, and which of them are paused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain.tenant import LabelAdded, TenantPaused, TenantRegistered, TenantResumed
from deadwax.projections.base import Fold
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class TenantRow:
    """A tenant: a label, an artist or an aggregator."""

    tenant_id: Annotated[UUID, "Tenant."]
    id: Annotated[UUID, "The same, as the id of its stream."]
    name: Annotated[str, "Its name."]
    kind: Annotated[str, "label, artist or aggregator."]
    paused_at: Annotated[datetime | None, "Since when it is paused."] = None
    paused_until: Annotated[datetime | None, "Until when, if not until it is resumed."] = None
    paused_reason: Annotated[str | None, "Why it is paused."] = None
    version: Annotated[int, "Version of the tenant."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]


TENANTS = Table("tenants", TenantRow, key=("tenant_id", "id"))


def _paused(row: TenantRow, event: Recorded) -> None:
    until = event.data["until"]
    row.paused_at, row.paused_reason = event.recorded_at, event.data["reason"]
    row.paused_until = datetime.fromisoformat(until) if until else None


def _resumed(row: TenantRow, event: Recorded) -> None:
    row.paused_at = row.paused_until = row.paused_reason = None


def _unchanged(row: TenantRow, event: Recorded) -> None:
    """Of no interest here."""


class Tenants(Fold[TenantRow]):
    """Follows all tenants."""

    name = "tenants"
    follows = "tenant."
    tables = (TENANTS,)
    table = TENANTS
    first = TenantRegistered.TOPIC
    steps: ClassVar = {
        LabelAdded.TOPIC: _unchanged,
        TenantPaused.TOPIC: _paused,
        TenantResumed.TOPIC: _resumed,
    }

    def begin(self, event: Recorded) -> TenantRow:
        return TenantRow(
            tenant_id=event.tenant_id,
            id=event.stream_id,
            name=event.data["name"],
            kind=event.data["kind"],
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )
