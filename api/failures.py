"""What went wrong and is not overcome: the work list of operators."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.board import BoardItem, with_platforms
from deadwax.api.instant import Instant
from deadwax.api.parts import Parts
from deadwax.api.reading import Cursor, Limit, Listed, fresh, read_models
from deadwax.api.route import Route, needs
from deadwax.domain.cause import current_cause
from deadwax.domain.failures import ADVICE, FailureCategory
from deadwax.domain.states import Status
from deadwax.domain.texts import Name
from deadwax.projections import failures
from deadwax.projections.failures import FailureCount

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Failures"])

_READ = needs(Permission.BOARD_READ)
_FRESH = fresh("status_board", "targets")
Category = FailureCategory | None
Since = Annotated[Instant | None, Query(description="Failing from this time on.")]
Until = Annotated[Instant | None, Query(description="Failing since before this time.")]


@dataclass(slots=True, kw_only=True)
class Failure(BoardItem):
    """A distribution that failed, and what a person should do."""

    advice_code: Annotated[str | None, "Stable code of the advice."]
    advice: Annotated[str | None, "What a person should do."]


class FailureCounts(BaseModel):
    """How many distributions fail, for each category on each target."""

    total: int
    oldest: datetime | None = Field(description="Since when the first of them fails.")
    categories: dict[str, int] = Field(description="How many, by category.")
    items: list[FailureCount]


@router.get("/failures", summary="What failed", openapi_extra=_READ, dependencies=[_FRESH])
def list_failures(
    parts: Parts,
    category: Category = None,
    status: Status | None = None,
    target_id: UUID | None = None,
    release_id: UUID | None = None,
    assignee: Name | None = None,
    unassigned: bool = False,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[Failure]:
    """Distributions that are retrying, failed, need attention or were rejected, in the order they
    were requested, with the error, since when, how often, who looks after it, and advice."""
    with read_models(parts) as connection:
        page = failures.page(
            connection,
            current_cause().tenant_id,
            category=category,
            status=status,
            target_id=target_id,
            release_id=release_id,
            assignee=assignee,
            unassigned=unassigned,
            since=since,
            until=until,
            cursor=cursor,
            limit=limit,
        )
        items = [_advised(item) for item in with_platforms(connection, page.items)]
    return Listed(items=items, next=page.next_cursor)


@router.get(
    "/failures/counts",
    summary="How much failed, by category",
    openapi_extra=_READ,
    dependencies=[fresh("status_board")],
)
def get_failure_counts(parts: Parts, since: Since = None, until: Until = None) -> FailureCounts:
    """What there is to do, and where."""
    with read_models(parts) as connection:
        items = failures.counts(connection, current_cause().tenant_id, since=since, until=until)
    categories: dict[str, int] = {}
    for item in items:
        categories[item.category] = categories.get(item.category, 0) + item.count
    return FailureCounts(
        total=sum(categories.values()),
        oldest=min((item.oldest for item in items), default=None),
        categories=categories,
        items=items,
    )


def _advised(item: BoardItem) -> Failure:
    advice = ADVICE[FailureCategory(item.error_category)] if item.error_category else None
    return Failure(
        **asdict(item),
        advice_code=advice.code if advice else None,
        advice=advice.text if advice else None,
    )
