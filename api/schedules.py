"""Schedules: what is done at a time, once or again and again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.bodies import Nothing, Reason
from deadwax.api.body import JsonBody, checked
from deadwax.api.conditional import IfMatch, mark
from deadwax.api.merge_patch import merged
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.api.schedule_runs import Runs, runs_of
from deadwax.api.views import Accepted
from deadwax.domain.cause import current_cause
from deadwax.domain.plain import to_plain
from deadwax.domain.schedule import SCHEDULE_MOVES, Schedule, ScheduleStatus
from deadwax.domain.schedule_terms import Action, Terms
from deadwax.projections import schedules
from deadwax.projections.schedules import ScheduleRow

router = APIRouter(prefix="/api/v1/schedules", route_class=Route, tags=["Schedules"])

_READ, _WRITE = needs(Permission.DISTRIBUTIONS_READ), needs(Permission.DISTRIBUTIONS_WRITE)
_ONE = "/{schedule_id}"
NewTerms = Annotated[Terms, Depends(JsonBody(Terms))]
Why = Annotated[Reason, Depends(JsonBody(Reason))]
NoWords = Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))]


class ScheduleView(BaseModel):
    """A schedule. `version` is its ETag; `allowed` the statuses that it can move to now."""

    id: UUID
    status: ScheduleStatus
    allowed: list[ScheduleStatus]
    version: int
    terms: Terms
    next_at: datetime | None = Field(description="When it fires next, in UTC.")
    plan: list[dict[str, Any]] = Field(
        description="What is still to come: due_at, and for deliveries the pairs of release_id and"
        " target_id, with the latest time at which the platform wants it where that is known."
    )
    running: bool = Field(description="Whether an occurrence is being seen to.")
    fired: int = Field(description="How often it fired.")

    @classmethod
    def of(cls, schedule: Schedule, **more: Any) -> Self:
        return cls(
            id=schedule.id,
            status=schedule.status,
            allowed=sorted(SCHEDULE_MOVES[schedule.status]),
            version=schedule.version,
            terms=schedule.terms,
            next_at=schedule.due_at,
            plan=schedule.plan,
            running=schedule.running is not None,
            fired=schedule.fired,
            **more,
        )


class ScheduleAccepted(ScheduleView, Accepted):
    """A schedule after a command."""


@router.post("", status_code=201, summary="Make a schedule", openapi_extra=_WRITE)
def create_schedule(terms: NewTerms, parts: Parts, response: Response) -> ScheduleAccepted:
    """Deliver at a time or planned back from the release date, update again and again, take
    down, reinstate. The answer shows when."""
    schedule, position = parts.schedules.create(terms)
    response.headers["Location"] = f"/api/v1/schedules/{schedule.id}"
    return _accepted(schedule, position, response)


@router.get("", summary="List schedules", openapi_extra=_READ, dependencies=[fresh("schedules")])
def list_schedules(
    parts: Parts,
    status: ScheduleStatus | None = None,
    action: Action | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[ScheduleRow]:
    """In the order they were made."""
    with read_models(parts) as connection:
        return listed(
            schedules.page(
                connection,
                current_cause().tenant_id,
                status=status,
                action=action,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(_ONE, summary="Read a schedule", openapi_extra=_READ, dependencies=[AT_ONCE])
def get_schedule(schedule_id: UUID, parts: Parts, response: Response) -> ScheduleView:
    """As it is now. The ETag is its version."""
    schedule = parts.schedules.get(schedule_id)
    mark(response, version=schedule.version)
    return ScheduleView.of(schedule)


@router.get(
    _ONE + "/runs", summary="What a schedule did", openapi_extra=_READ, dependencies=[AT_ONCE]
)
def list_runs(schedule_id: UUID, parts: Parts) -> Runs:
    """Each time that it fired, the last first, at most 200: what it changed, and what it could
    not."""
    parts.schedules.get(schedule_id)
    return Runs(items=runs_of(parts.log.load(schedule_id)))


@router.patch(_ONE, status_code=202, summary="Change a schedule", openapi_extra=_WRITE)
def patch_schedule(
    schedule_id: UUID,
    patch: Annotated[dict[str, Any], Depends(JsonBody(dict[str, Any]))],
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> ScheduleAccepted:
    """A JSON merge patch (RFC 7396) of its terms: null takes a field away, lists are replaced as
    a whole. Not while an occurrence is being seen to."""
    schedule = parts.schedules.get(schedule_id)
    document = merged(to_plain(schedule.terms), patch)
    terms = checked(Terms, json.dumps(document).encode())
    changed = parts.schedules.amend(schedule_id, terms, version or schedule.version)
    return _accepted(*changed, response)


@router.post(_ONE + "/pause", status_code=202, summary="Pause a schedule", openapi_extra=_WRITE)
def pause_schedule(
    schedule_id: UUID, why: Why, parts: Parts, response: Response
) -> ScheduleAccepted:
    """Hold it until it is resumed, also in the midst of an occurrence."""
    return _accepted(*parts.schedules.pause(schedule_id, why.reason), response)


@router.post(_ONE + "/resume", status_code=202, summary="Resume a schedule", openapi_extra=_WRITE)
def resume_schedule(
    schedule_id: UUID, nothing: NoWords, parts: Parts, response: Response
) -> ScheduleAccepted:
    """What recurs goes on with its next time; what was to happen once and is overdue happens
    now."""
    return _accepted(*parts.schedules.resume(schedule_id), response)


@router.post(_ONE + "/cancel", status_code=202, summary="Cancel a schedule", openapi_extra=_WRITE)
def cancel_schedule(
    schedule_id: UUID, why: Why, parts: Parts, response: Response
) -> ScheduleAccepted:
    """Nothing more comes of it. What it did stays done."""
    return _accepted(*parts.schedules.cancel(schedule_id, why.reason), response)


def _accepted(schedule: Schedule, position: int, response: Response) -> ScheduleAccepted:
    mark(response, position=position, version=schedule.version)
    return ScheduleAccepted.of(schedule, position=position)
