"""The release calendar, and warnings of what may come too late."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel

from deadwax.api.auth import Permission
from deadwax.api.errors import invalid
from deadwax.api.instant import Instant
from deadwax.api.parts import Parts
from deadwax.api.reading import Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.application.calendar import CalendarEntry
from deadwax.domain.cause import current_cause
from deadwax.domain.release_planning import Punctuality
from deadwax.projections import date_warnings
from deadwax.projections.date_warnings import WarningRow

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Schedules"])

_READ = needs(Permission.BOARD_READ)
_LONGEST = timedelta(days=93)


class CalendarView(BaseModel):
    """Releases by target, the first that is out first."""

    items: list[CalendarEntry]


@router.get(
    "/calendar",
    summary="The release calendar",
    openapi_extra=_READ,
    dependencies=[fresh("release_dates", "delivery_dates", "schedules")],
)
def get_calendar(
    parts: Parts,
    begin: Annotated[Instant, Query(alias="from", description="What is out from then on.")],
    end: Annotated[Instant, Query(alias="to", description="And before then; 93 days.")],
) -> CalendarView:
    """Each release that is to come, or came, to a target: when it is out, when the platform wants
    it at the latest, when it is sent, and whether that is in time, as it stands now."""
    if not timedelta(0) < end - begin <= _LONGEST:
        raise invalid(
            "to",
            "range_invalid",
            f"The calendar is read for at most {_LONGEST.days} days.",
            "Give a later time than `from`, at most 93 days after it.",
        )
    return CalendarView(items=parts.calendar.entries(begin, end))


@router.get(
    "/warnings",
    summary="What may come too late",
    openapi_extra=_READ,
    dependencies=[fresh("date_warnings")],
)
def list_warnings(
    parts: Parts,
    state: Punctuality | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[WarningRow]:
    """The warnings that hold, in the order they were first raised."""
    with read_models(parts) as connection:
        return listed(
            date_warnings.page(
                connection,
                current_cause().tenant_id,
                state=state,
                release_id=release_id,
                target_id=target_id,
                cursor=cursor,
                limit=limit,
            )
        )
