"""What each distribution waits for: the work list of our own processes, over all tenants.

The scheduler reads it; no answer to a user may come from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.domain.states import (
    AT_WORK,
    WAITING_FOR_PLATFORM,
    WAITING_FOR_TIME,
    WAITING_FOR_WORKER,
    Status,
)
from deadwax.domain.texts import Moment
from deadwax.projections.base import Fold
from deadwax.projections.distribution_moves import KINDS, MOVING, STAYING
from deadwax.projections.table import Table

PREPARE, DELIVER, REMOVE = "prepare", "deliver", "remove"
_PREPARED = frozenset({Status.CREATED, Status.VALIDATING, Status.SCHEDULED})


@dataclass(slots=True, kw_only=True)
class AgendaRow:
    """What a distribution waits for: a worker, a time, the end of a lease, the platform."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    status: Annotated[str, "Status of the distribution."]
    kind: Annotated[str, "What is sent next or is under way: initial, update, takedown, purge."]
    priority: Annotated[str, "Its place among those that wait: high, normal or low."]
    waits_since: Annotated[datetime, "Since when it waits to be delivered, over all attempts."]
    step: Annotated[
        str | None,
        "What a worker should do at due_at: prepare, deliver, or remove what goes at once.",
    ] = None
    due_at: Annotated[datetime | None, "When a worker should take the next step."] = None
    token: Annotated[int | None, "Fencing token of the attempt under way."] = None
    lease_until: Annotated[datetime | None, "End of its lease as first granted."] = None
    awaiting_since: Annotated[
        datetime | None, "Since when the platform may answer; later, if a takedown is for later."
    ] = None
    takes_effect: Annotated[datetime | None, "When a takedown for later happens."] = None
    icpn: Annotated[str | None, "UPC or EAN in its last message."] = None
    grid: Annotated[str | None, "GRid in its last message."] = None
    version: Annotated[int, "Version of the distribution."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]


AGENDA = Table(
    "agenda",
    AgendaRow,
    key=("tenant_id", "distribution_id"),
    indexes=(
        "(step, target_id, priority, due_at) WHERE step IS NOT NULL",
        "(lease_until) WHERE lease_until IS NOT NULL",
        "(target_id, awaiting_since) WHERE awaiting_since IS NOT NULL",
        "(target_id, icpn) WHERE icpn IS NOT NULL",
        "(target_id, grid) WHERE grid IS NOT NULL",
    ),
)


def _moved(row: AgendaRow, event: Recorded) -> None:
    """Lease and due time belong to one status; the next event either keeps or replaces it."""
    if event.type in KINDS:
        row.kind, row.takes_effect = KINDS[event.type], _effect(event)
    status = Status(event.data["status"])
    row.status = status.value
    row.due_at = row.awaiting_since = None
    if event.type in KINDS:
        row.waits_since = event.recorded_at
    if status in WAITING_FOR_WORKER:
        row.due_at = event.recorded_at
    elif status in WAITING_FOR_TIME:
        row.due_at = datetime.fromisoformat(event.data.get("due_at") or event.data["retry_at"])
    if status in WAITING_FOR_PLATFORM:
        row.awaiting_since = max(event.recorded_at, row.takes_effect or event.recorded_at)
    if status not in AT_WORK:
        row.token = row.lease_until = None
    row.step = _step(row)


def _queued(row: AgendaRow, event: Recorded) -> None:
    """What comes back from an attempt keeps its place among those that wait."""
    _moved(row, event)
    if event.data["reason"] in d.BEGINS_TO_WAIT:
        row.waits_since = event.recorded_at
    row.due_at = row.waits_since
    row.step = _step(row)


def _step(row: AgendaRow) -> str | None:
    if row.due_at is None:
        return None
    if row.status in _PREPARED:
        return PREPARE
    at_once = row.kind in ("takedown", "purge") and row.takes_effect is None
    return REMOVE if at_once else DELIVER


def _effect(event: Recorded) -> datetime | None:
    """When it is over in every territory."""
    effective = event.data.get("effective")
    return Moment(effective).span()[1] if effective else None


def _unchanged(row: AgendaRow, event: Recorded) -> None:
    _moved(row, event)
    row.kind = event.data["kind"]


def _attempt_started(row: AgendaRow, event: Recorded) -> None:
    _moved(row, event)
    row.token = event.version
    row.lease_until = datetime.fromisoformat(event.data["lease_until"])


def _composed(row: AgendaRow, event: Recorded) -> None:
    message = event.data["message"]
    row.icpn, row.grid = message.get("icpn"), message.get("grid")


def _prioritised(row: AgendaRow, event: Recorded) -> None:
    row.priority = event.data["priority"]


def _unmoved(row: AgendaRow, event: Recorded) -> None:
    """Nothing is waited for that was not before."""


class Agenda(Fold[AgendaRow]):
    """Follows the distributions of all tenants."""

    name = "agenda"
    version = 4
    follows = "distribution."
    tables = (AGENDA,)
    table = AGENDA
    first = d.DistributionRequested.TOPIC
    steps: ClassVar = {
        **dict.fromkeys(MOVING, _moved),
        **dict.fromkeys(STAYING, _unmoved),
        d.Queued.TOPIC: _queued,
        d.AttemptStarted.TOPIC: _attempt_started,
        d.MessageComposed.TOPIC: _composed,
        asked.Prioritised.TOPIC: _prioritised,
        asked.UpdateFoundUnchanged.TOPIC: _unchanged,
    }

    def begin(self, event: Recorded) -> AgendaRow:
        return AgendaRow(
            tenant_id=event.tenant_id,
            distribution_id=event.stream_id,
            release_id=UUID(event.data["release_id"]),
            target_id=UUID(event.data["target_id"]),
            status=event.data["status"],
            kind="initial",
            priority=event.data["priority"],
            waits_since=event.recorded_at,
            step=PREPARE,
            due_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )
