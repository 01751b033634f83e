"""What went wrong and is not overcome, from the status board."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import class_row

from deadwax.domain.failures import FailureCategory
from deadwax.domain.states import FAILING, Status
from deadwax.projections import pages
from deadwax.projections.pages import Page
from deadwax.projections.status_board import STATUS_BOARD, BoardRow

_FAILING = sorted(status.value for status in FAILING)


@dataclass(slots=True, kw_only=True)
class FailureCount:
    """How many distributions to one target fail for one reason."""

    category: Annotated[str, "Category of the error."]
    target_id: Annotated[UUID, "Delivery target."]
    count: Annotated[int, "How many distributions."]
    unassigned: Annotated[int, "How many of them nobody looks after."]
    oldest: Annotated[datetime, "Since when the first of them fails."]


@dataclass(slots=True, kw_only=True)
class TenantFailures:
    """How many distributions of one tenant fail for one reason."""

    tenant_id: Annotated[UUID, "Tenant."]
    category: Annotated[str, "Category of the error."]
    count: Annotated[int, "How many distributions."]
    targets: Annotated[int, "On how many delivery targets."]
    oldest: Annotated[datetime, "Since when the first of them fails."]


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    category: FailureCategory | None = None,
    status: Status | None = None,
    target_id: UUID | None = None,
    release_id: UUID | None = None,
    assignee: str | None = None,
    unassigned: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[BoardRow]:
    """The tenant's failing distributions in the order they were requested; `since` and `until`
    bound when it began. Raises InvalidValue for a foreign cursor."""
    where = {
        "status = ANY(%s)": _FAILING,
        "error_category = %s": category,
        "status = %s": status,
        "target_id = %s": target_id,
        "release_id = %s": release_id,
        "assignee = %s": assignee and str(assignee),
        "(assignee IS NULL) = %s": unassigned or None,
        "failing_since >= %s": since,
        "failing_since < %s": until,
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


def counts(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[FailureCount]:
    """For each category on each target, the most first."""
    with connection.cursor(row_factory=class_row(FailureCount)) as cursor:
        return cursor.execute(
            "SELECT error_category AS category, target_id, count(*) AS count,"
            " count(*) FILTER (WHERE assignee IS NULL) AS unassigned,"
            " min(failing_since) AS oldest FROM read.status_board"
            " WHERE tenant_id = %s AND status = ANY(%s) AND error_category IS NOT NULL"
            " AND (%s::timestamptz IS NULL OR failing_since >= %s)"
            " AND (%s::timestamptz IS NULL OR failing_since < %s)"
            " GROUP BY error_category, target_id ORDER BY count(*) DESC, error_category, target_id",
            [tenant_id, _FAILING, since, since, until, until],
        ).fetchall()


def by_tenant(connection: Connection[Any], tenant_id: UUID | None) -> list[TenantFailures]:
    """For each category of each tenant, or of one; the most first."""
    with connection.cursor(row_factory=class_row(TenantFailures)) as cursor:
        return cursor.execute(
            "SELECT tenant_id, error_category AS category, count(*) AS count,"
            " count(DISTINCT target_id) AS targets, min(failing_since) AS oldest"
            " FROM read.status_board WHERE status = ANY(%s) AND error_category IS NOT NULL"
            " AND (%s::uuid IS NULL OR tenant_id = %s)"
            " GROUP BY tenant_id, error_category ORDER BY count(*) DESC, tenant_id, error_category",
            [_FAILING, tenant_id, tenant_id],
        ).fetchall()
