"""The list of a tenant's delivery targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain.addresses.protocols import ADDRESSES, Protocol
from deadwax.domain.plain import from_plain
from deadwax.domain.target import TargetAmended, TargetOpened, TargetPaused, TargetResumed
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class TargetRow:
    """A delivery target: a tenant's channel to one platform."""

    tenant_id: Annotated[UUID, "Tenant."]
    target_id: Annotated[UUID, "Delivery target."]
    platform: Annotated[str, "Name of the platform."]
    mode: Annotated[str, "live or test."]
    protocol: Annotated[str, "How files are sent, such as sftp."]
    host: Annotated[str, "Host that files are sent to, or that the platform pulls from."]
    answer_hours: Annotated[int | None, "How long its platform may take to answer."] = None
    poll_seconds: Annotated[int | None, "How often it is asked what became of messages."] = None
    paused_at: Annotated[datetime | None, "Since when it is paused."] = None
    paused_until: Annotated[datetime | None, "Until when, if not until it is resumed."] = None
    paused_reason: Annotated[str | None, "Why it is paused."] = None
    version: Annotated[int, "Version of the target: what If-Match compares."]
    created_at: Annotated[datetime, "When it was opened."]
    updated_at: Annotated[datetime, "When it last changed."]
    created_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


TARGETS = Table(
    "targets",
    TargetRow,
    key=("tenant_id", "target_id"),
    indexes=("(tenant_id, created_position)",),
)


def _describe(row: TargetRow, settings: Mapping[str, Any]) -> None:
    for name in ("platform", "mode", "protocol"):
        if name in settings:
            setattr(row, name, settings[name])
    if "address" in settings:
        row.host = _host(row.protocol, settings["address"])
    if "choreography" in settings:
        row.answer_hours = settings["choreography"].get("answer_hours")
    if "policy" in settings:
        row.poll_seconds = settings["policy"].get("poll_seconds")


def _host(protocol: str, address: Mapping[str, Any]) -> str:
    return str(from_plain(ADDRESSES[Protocol(protocol)], address).host)


def _amended(row: TargetRow, event: Recorded) -> None:
    _describe(row, {name: change["to"] for name, change in event.data["changes"].items()})


def _paused(row: TargetRow, event: Recorded) -> None:
    until = event.data["until"]
    row.paused_at, row.paused_reason = event.recorded_at, event.data["reason"]
    row.paused_until = datetime.fromisoformat(until) if until else None


def _resumed(row: TargetRow, event: Recorded) -> None:
    row.paused_at = row.paused_until = row.paused_reason = None


class Targets(Fold[TargetRow]):
    """Follows the delivery targets of all tenants."""

    name = "targets"
    version = 4
    follows = "target."
    tables = (TARGETS,)
    table = TARGETS
    first = TargetOpened.TOPIC
    steps: ClassVar = {
        TargetAmended.TOPIC: _amended,
        TargetPaused.TOPIC: _paused,
        TargetResumed.TOPIC: _resumed,
    }

    def begin(self, event: Recorded) -> TargetRow:
        settings = event.data["settings"]
        row = TargetRow(
            tenant_id=event.tenant_id,
            target_id=event.stream_id,
            platform=settings["platform"],
            mode=settings["mode"],
            protocol=settings["protocol"],
            host=_host(settings["protocol"], settings["address"]),
            version=event.version,
            created_at=event.recorded_at,
            updated_at=event.recorded_at,
            created_position=event.position,
            position=event.position,
        )
        _describe(row, settings)
        return row


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    platform: str | None = None,
    mode: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[TargetRow]:
    """The tenant's targets in the order they were opened. Raises InvalidValue for a foreign
    cursor."""
    where = {"platform = %s": platform, "mode = %s": mode}
    return pages.page(
        connection, TARGETS, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
