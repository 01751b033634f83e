"""What is warned of: releases that may come too late to a platform."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain import date_warning as w
from deadwax.domain.release_planning import Punctuality
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class WarningRow:
    """A release that may come too late to a platform, and why."""

    tenant_id: Annotated[UUID, "Tenant."]
    warning_id: Annotated[UUID, "The warning."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    state: Annotated[str, "at_risk, will_miss or missed; on_time once it is cleared."]
    why: Annotated[str, "Why, as a stable word."]
    out: Annotated[datetime, "When the release is out."]
    latest: Annotated[datetime, "When the platform wants it at the latest."]
    planned: Annotated[datetime | None, "When it is to be sent, if later than at once."] = None
    open: Annotated[bool, "Whether it still holds."] = True
    raised_at: Annotated[datetime, "When it was first raised."]
    version: Annotated[int, "Version of the warning."]
    updated_at: Annotated[datetime, "When it last changed."]
    raised_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


WARNINGS = Table(
    "date_warnings",
    WarningRow,
    key=("tenant_id", "warning_id"),
    indexes=("(tenant_id, raised_position) WHERE open",),
)


def _changed(row: WarningRow, event: Recorded) -> None:
    data = event.data
    row.state, row.why = data["state"], data["why"]
    row.open = row.state != Punctuality.ON_TIME
    if row.open:
        row.out, row.latest = _time(data["out"]), _time(data["latest"])
        row.planned = _time(data["planned"]) if data["planned"] else None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


class DateWarnings(Fold[WarningRow]):
    """Follows the warnings of all tenants."""

    name = "date_warnings"
    follows = "date_warning."
    tables = (WARNINGS,)
    table = WARNINGS
    first = w.DateWarningRaised.TOPIC
    steps: ClassVar = {
        w.DateWarningChanged.TOPIC: _changed,
        w.DateWarningCleared.TOPIC: _changed,
    }

    def begin(self, event: Recorded) -> WarningRow:
        data = event.data
        row = WarningRow(
            tenant_id=event.tenant_id,
            warning_id=event.stream_id,
            release_id=UUID(data["release_id"]),
            target_id=UUID(data["target_id"]),
            state=data["state"],
            why=data["why"],
            out=_time(data["out"]),
            latest=_time(data["latest"]),
            raised_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            raised_position=event.position,
            position=event.position,
        )
        _changed(row, event)
        return row


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    state: str | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[WarningRow]:
    """The tenant's warnings that hold, in the order they were first raised. Raises InvalidValue
    for a foreign cursor."""
    where = {
        "open = %s": True,
        "state = %s": state,
        "release_id = %s": release_id,
        "target_id = %s": target_id,
    }
    return pages.page(
        connection, WARNINGS, tenant_id, where, by="raised_position", cursor=cursor, limit=limit
    )
