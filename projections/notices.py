"""Reports of platforms: what came, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain.notice import NoticeExamined, NoticeReceived
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class NoticeRow:
    """A report of a platform that is no DDEX acknowledgement."""

    tenant_id: Annotated[UUID, "Tenant."]
    notice_id: Annotated[UUID, "The report."]
    target_id: Annotated[UUID, "Delivery target whose platform sent it."]
    channel: Annotated[str, "How it came: webhook, mail, file."]
    name: Annotated[str, "File name or subject."]
    status: Annotated[str, "received, or read."]
    sha256: Annotated[str, "SHA-256 of the report, which is kept as it came."]
    applied: Annotated[int, "How many of its statements were applied."] = 0
    problems: Annotated[list[dict[str, Any]], "What of it nobody could place, and why."]
    received_at: Annotated[datetime, "When it came."]
    version: Annotated[int, "Version of the report."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]
    created_position: Annotated[int, "Log position of its first event: the order of the list."]


NOTICES = Table(
    "notices",
    NoticeRow,
    key=("tenant_id", "notice_id"),
    indexes=(
        "(tenant_id, target_id, created_position)",
        "(received_at) WHERE status = 'received'",
    ),
)


def _read(row: NoticeRow, event: Recorded) -> None:
    row.status = "read"
    row.applied, row.problems = len(event.data["applied"]), event.data["problems"]


class Notices(Fold[NoticeRow]):
    """Follows the targets of all tenants."""

    name = "notices"
    follows = "notice."
    tables = (NOTICES,)
    table = NOTICES
    first = NoticeReceived.TOPIC
    steps: ClassVar = {NoticeExamined.TOPIC: _read}

    def begin(self, event: Recorded) -> NoticeRow:
        return NoticeRow(
            tenant_id=event.tenant_id,
            notice_id=event.stream_id,
            target_id=UUID(event.data["target_id"]),
            channel=event.data["channel"],
            name=event.data["name"],
            status="received",
            sha256=event.data["sha256"],
            problems=[],
            received_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
            created_position=event.position,
        )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    target_id: UUID,
    *,
    status: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[NoticeRow]:
    """Those of one target, oldest first. Raises InvalidValue for a foreign cursor."""
    where = {"target_id = %s": target_id, "status = %s": status}
    return pages.page(
        connection, NOTICES, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
