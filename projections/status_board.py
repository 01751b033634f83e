"""Where each release stands on each target, and over all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain import distribution_events as d
from deadwax.domain import distribution_requests as asked
from deadwax.domain.failures import FailureCategory
from deadwax.domain.states import FAILING, GROUPS, HELD, Status
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.distribution_moves import KINDS, MOVING, STAYING
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class BoardRow:
    """Where one release stands on one delivery target."""

    tenant_id: Annotated[UUID, "Tenant."]
    distribution_id: Annotated[UUID, "Distribution: the release on the target."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    mode: Annotated[str, "live or test."]
    status: Annotated[str, "Status of the distribution."]
    status_group: Annotated[str, "completed, failed, needs_attention, in_progress or closed."]
    kind: Annotated[str, "What is sent next or was sent last: initial, update, takedown, purge."]
    priority: Annotated[str, "Its priority among those that wait: high, normal or low."]
    attempt: Annotated[int, "Number of the last attempt begun; 0 before the first."] = 0
    message_id: Annotated[str | None, "Message that is or was sent."] = None
    error_category: Annotated[str | None, "Category of the last error, until it is sent."] = None
    error_detail: Annotated[str | None, "The last error in words, until it is sent."] = None
    failures: Annotated[int, "Failed attempts since it was last sent, or asked for."] = 0
    failing_since: Annotated[datetime | None, "When the first of these errors came."] = None
    assignee: Annotated[str | None, "Who looks after the error."] = None
    assigned_note: Annotated[str | None, "What was said when it was assigned."] = None
    due_at: Annotated[datetime | None, "When it is tried again or sent, if that is later."] = None
    requested_at: Annotated[datetime, "When the distribution was first requested."]
    sent_at: Annotated[datetime | None, "When the current message was sent whole."] = None
    confirmed_at: Annotated[datetime | None, "When the platform last spoke of it."] = None
    native_status: Annotated[str | None, "What it last said, in its own words."] = None
    live_at: Annotated[datetime | None, "When the platform last said that it is live."] = None
    removed_at: Annotated[datetime | None, "When it was last removed."] = None
    updated_at: Annotated[datetime, "When it last changed."]
    version: Annotated[int, "Version of the distribution: what If-Match compares."]
    requested_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


STATUS_BOARD = Table(
    "status_board",
    BoardRow,
    key=("tenant_id", "distribution_id"),
    indexes=(
        "(tenant_id, requested_position)",
        "(tenant_id, release_id)",
        "(tenant_id, status_group, requested_position)",
        "(tenant_id, error_category, requested_position) WHERE error_category IS NOT NULL",
    ),
)


def _moved(row: BoardRow, event: Recorded) -> None:
    status = Status(event.data["status"])
    row.status, row.status_group = status.value, GROUPS[status].value
    due = event.data.get("due_at") or event.data.get("retry_at")
    row.due_at = datetime.fromisoformat(due) if due else None
    if status is Status.REMOVED:
        row.removed_at = event.recorded_at


def _kind_begun(row: BoardRow, event: Recorded) -> None:
    _update_begun(row, event)
    row.message_id = row.sent_at = row.confirmed_at = row.native_status = None


def _update_begun(row: BoardRow, event: Recorded) -> None:
    """The message before it stands until another is composed."""
    _moved(row, event)
    row.kind = KINDS[event.type]
    _clear_error(row)


def _unchanged(row: BoardRow, event: Recorded) -> None:
    """The message before it stands."""
    _moved(row, event)
    row.kind, row.message_id = event.data["kind"], event.data["message_id"]


def _attempt_started(row: BoardRow, event: Recorded) -> None:
    _moved(row, event)
    row.attempt = event.data["attempt"]


def _composed(row: BoardRow, event: Recorded) -> None:
    row.message_id = event.data["message"]["id"]
    row.sent_at = row.confirmed_at = row.native_status = None


def _sent(row: BoardRow, event: Recorded) -> None:
    _moved(row, event)
    row.sent_at = event.recorded_at
    row.message_id = event.data["message_id"]
    _clear_error(row)


def _failed(row: BoardRow, event: Recorded) -> None:
    _moved(row, event)
    _note_error(row, event, event.data["category"], event.data["detail"])
    row.failures += 1


def _attention_needed(row: BoardRow, event: Recorded) -> None:
    _moved(row, event)
    told = "; ".join(problem["message"] for problem in event.data["problems"])
    _note_error(row, event, event.data["category"], told)


def _confirmed(row: BoardRow, event: Recorded) -> None:
    _moved(row, event)
    row.confirmed_at = event.recorded_at
    row.native_status = event.data["evidence"].get("status")
    _clear_error(row)


def _went_live(row: BoardRow, event: Recorded) -> None:
    _confirmed(row, event)
    row.live_at = event.recorded_at


def _rejected(row: BoardRow, event: Recorded) -> None:
    _confirmed(row, event)
    evidence = event.data["evidence"]
    problems = "; ".join(problem["message"] for problem in evidence.get("problems", ()))
    told = problems or evidence.get("information")
    _note_error(row, event, FailureCategory.REJECTED_BY_PLATFORM.value, told)


def _overridden(row: BoardRow, event: Recorded) -> None:
    """An error that a person states has their reason, and the category of the one before."""
    _moved(row, event)
    status = Status(event.data["status"])
    if status is Status.REJECTED:
        category = FailureCategory.REJECTED_BY_PLATFORM.value
        _note_error(row, event, category, event.data["reason"])
    elif status in FAILING:
        category = row.error_category or FailureCategory.UNKNOWN.value
        _note_error(row, event, category, event.data["reason"])
    else:
        _clear_error(row)
    if status is Status.LIVE:
        row.live_at = event.recorded_at
    if status in HELD and row.kind in ("takedown", "purge"):
        row.kind = "update"


def _assigned(row: BoardRow, event: Recorded) -> None:
    row.assignee, row.assigned_note = event.data["assignee"], event.data["note"]


def _note_error(row: BoardRow, event: Recorded, category: str, detail: str | None) -> None:
    row.failing_since = row.failing_since or event.recorded_at
    row.error_category, row.error_detail = category, detail


def _clear_error(row: BoardRow) -> None:
    row.error_category = row.error_detail = row.failing_since = None
    row.assignee = row.assigned_note = None
    row.failures = 0


def _noted(row: BoardRow, event: Recorded) -> None:
    """What the platform said last, also where it changes nothing."""
    if event.data["message_id"] == row.message_id:
        row.native_status = event.data["evidence"].get("status")


def _prioritised(row: BoardRow, event: Recorded) -> None:
    row.priority = event.data["priority"]


def _unmoved(row: BoardRow, event: Recorded) -> None:
    """Of no interest on a board."""


class StatusBoard(Fold[BoardRow]):
    """Follows the distributions of all tenants."""

    name = "status_board"
    version = 4
    follows = "distribution."
    tables = (STATUS_BOARD,)
    table = STATUS_BOARD
    first = d.DistributionRequested.TOPIC
    steps: ClassVar = {
        **dict.fromkeys(MOVING, _moved),
        **dict.fromkeys(STAYING, _unmoved),
        **dict.fromkeys(KINDS, _kind_begun),
        asked.Prioritised.TOPIC: _prioritised,
        d.AcknowledgementNoted.TOPIC: _noted,
        asked.UpdateRequested.TOPIC: _update_begun,
        asked.UpdateFoundUnchanged.TOPIC: _unchanged,
        d.AttemptStarted.TOPIC: _attempt_started,
        d.MessageComposed.TOPIC: _composed,
        d.Sent.TOPIC: _sent,
        d.AttemptFailed.TOPIC: _failed,
        d.AttentionNeeded.TOPIC: _attention_needed,
        d.Accepted.TOPIC: _confirmed,
        d.RemovalConfirmed.TOPIC: _confirmed,
        d.WentLive.TOPIC: _went_live,
        d.Rejected.TOPIC: _rejected,
        asked.StatusOverridden.TOPIC: _overridden,
        asked.Assigned.TOPIC: _assigned,
    }

    def begin(self, event: Recorded) -> BoardRow:
        data = event.data
        return BoardRow(
            tenant_id=event.tenant_id,
            distribution_id=event.stream_id,
            release_id=UUID(data["release_id"]),
            target_id=UUID(data["target_id"]),
            mode=data["mode"],
            status=data["status"],
            status_group=GROUPS[Status(data["status"])].value,
            kind="initial",
            priority=data["priority"],
            requested_at=event.recorded_at,
            updated_at=event.recorded_at,
            version=event.version,
            requested_position=event.position,
            position=event.position,
        )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    status: str | None = None,
    group: str | None = None,
    kind: str | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[BoardRow]:
    """The tenant's distributions in the order they were requested. Raises InvalidValue for a
    foreign cursor."""
    where = {
        "status = %s": status,
        "status_group = %s": group,
        "kind = %s": kind,
        "release_id = %s": release_id,
        "target_id = %s": target_id,
    }
    return pages.page(
        connection,
        STATUS_BOARD,
        tenant_id,
        where,
        by="requested_position",
        cursor=cursor,
        limit=limit,
    )
