"""Schedules as lists show them, and what of them is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain import schedule_events as s
from deadwax.domain.schedule import ScheduleStatus
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class ScheduleRow:
    """A schedule: what is done at a time, once or again and again."""

    tenant_id: Annotated[UUID, "Tenant."]
    schedule_id: Annotated[UUID, "Schedule."]
    name: Annotated[str, "Its name."]
    action: Annotated[str, "deliver, update, take_down or reinstate."]
    kind: Annotated[str, "at, before_release or recurring."]
    status: Annotated[str, "active, paused, cancelled or finished."]
    next_at: Annotated[datetime | None, "When it fires next."] = None
    due_at: Annotated[datetime | None, "When a worker should see to it."] = None
    running: Annotated[bool, "Whether an occurrence is being seen to."] = False
    plan: Annotated[list[dict[str, Any]], "What is still to come, as its events have it."]
    fired: Annotated[int, "How often it fired."] = 0
    fired_at: Annotated[datetime | None, "When it fired last."] = None
    missed: Annotated[int, "How many of its times were missed."] = 0
    changed: Annotated[int, "Distributions that its last occurrence changed."] = 0
    refused: Annotated[int, "Distributions that its last occurrence could not change."] = 0
    version: Annotated[int, "Version of the schedule: what If-Match compares."]
    created_at: Annotated[datetime, "When it was made."]
    updated_at: Annotated[datetime, "When it last changed."]
    created_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


SCHEDULES = Table(
    "schedules",
    ScheduleRow,
    key=("tenant_id", "schedule_id"),
    indexes=("(tenant_id, created_position)", "(due_at) WHERE due_at IS NOT NULL"),
)
_KINDS = ("at", "before_release", "recurring")


def _describe(row: ScheduleRow, terms: Mapping[str, Any]) -> None:
    row.name, row.action = terms.get("name", row.name), terms.get("action", row.action)
    row.kind = next((kind for kind in _KINDS if terms.get(kind)), row.kind)


def _changed(row: ScheduleRow, event: Recorded) -> None:
    _describe(row, {name: change["to"] for name, change in event.data["changes"].items()})
    _planned(row, event)


def _planned(row: ScheduleRow, event: Recorded) -> None:
    row.plan = event.data["plan"]
    _wait(row)


def _wait(row: ScheduleRow) -> None:
    """For its next time, if it has one."""
    waits = row.status == ScheduleStatus.ACTIVE and row.plan
    row.next_at = datetime.fromisoformat(row.plan[0]["due_at"]) if waits else None
    row.due_at = None if row.running else row.next_at


def _turned(row: ScheduleRow, event: Recorded) -> None:
    row.status = event.data["status"]
    _wait(row)


def _resumed(row: ScheduleRow, event: Recorded) -> None:
    row.plan = event.data["plan"]
    _turned(row, event)
    _work(row, event)


def _work(row: ScheduleRow, event: Recorded) -> None:
    if row.running:
        row.due_at = event.recorded_at


def _missed(row: ScheduleRow, event: Recorded) -> None:
    row.missed += event.data["times"]


def _fired(row: ScheduleRow, event: Recorded) -> None:
    row.running, row.fired, row.fired_at = True, event.data["number"], event.recorded_at
    row.changed = row.refused = 0
    _planned(row, event)
    _work(row, event)


def _progressed(row: ScheduleRow, event: Recorded) -> None:
    row.changed += len(event.data["changed"])
    row.refused += len(event.data["refused"])
    _work(row, event)


def _ended(row: ScheduleRow, event: Recorded) -> None:
    row.running = False
    _turned(row, event)


class Schedules(Fold[ScheduleRow]):
    """Follows the schedules of all tenants."""

    name = "schedules"
    follows = "schedule."
    tables = (SCHEDULES,)
    table = SCHEDULES
    first = s.ScheduleCreated.TOPIC
    steps: ClassVar = {
        s.ScheduleChanged.TOPIC: _changed,
        s.SchedulePlanned.TOPIC: _planned,
        s.SchedulePaused.TOPIC: _turned,
        s.ScheduleResumed.TOPIC: _resumed,
        s.ScheduleCancelled.TOPIC: _turned,
        s.ScheduleMissed.TOPIC: _missed,
        s.ScheduleFired.TOPIC: _fired,
        s.ScheduleProgressed.TOPIC: _progressed,
        s.ScheduleRunEnded.TOPIC: _ended,
    }

    def begin(self, event: Recorded) -> ScheduleRow:
        terms = event.data["terms"]
        row = ScheduleRow(
            tenant_id=event.tenant_id,
            schedule_id=event.stream_id,
            name=terms["name"],
            action=terms["action"],
            kind="at",
            status=ScheduleStatus.ACTIVE.value,
            plan=event.data["plan"],
            version=event.version,
            created_at=event.recorded_at,
            updated_at=event.recorded_at,
            created_position=event.position,
            position=event.position,
        )
        _describe(row, terms)
        _wait(row)
        return row


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    status: str | None = None,
    action: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ScheduleRow]:
    """The tenant's schedules in the order they were made. Raises InvalidValue for a foreign
    cursor."""
    where = {"status = %s": status, "action = %s": action}
    return pages.page(
        connection, SCHEDULES, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
