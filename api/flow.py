"""What flows to targets and what is held back: pauses, the health of a target, the queue."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.bodies import Nothing, Paused
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.parts import Parts
from deadwax.api.reading import fresh, read_models
from deadwax.api.route import Route, needs
from deadwax.api.views import Accepted
from deadwax.domain import clock
from deadwax.domain.cause import SYSTEM_TENANT, current_cause
from deadwax.domain.transfer_times import next_open
from deadwax.projections import queue
from deadwax.projections.queue import Depth, LastFailure

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Flow"])

Hold = Annotated[Paused, Depends(JsonBody(Paused))]
NoWords = Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))]
_TARGETS, _TENANTS = needs(Permission.TARGETS_PAUSE), needs(Permission.TENANTS_PAUSE)


class QueueView(BaseModel):
    """What waits for workers. A step is prepare, deliver, or remove (takedowns at once)."""

    items: list[Depth]
    at_work: int = Field(description="Distributions with an attempt under way.")


class TargetHealth(BaseModel):
    """Whether a target takes deliveries, and what waits for it."""

    target_id: UUID
    paused: bool
    paused_reason: str | None
    paused_until: datetime | None
    next_open: datetime = Field(
        description="Now, or when its next window opens or its maintenance ends."
    )
    breaker: str = Field(description="closed, open or half_open; unknown if nobody can tell.")
    breaker_open_seconds: float
    failures: int = Field(description="In a row, of the target itself.")
    at_work: int = Field(description="Distributions with an attempt under way.")
    due: int = Field(description="Distributions that could go now, were it only for them.")
    later: int = Field(description="Distributions that wait for their time.")
    preparing: int = Field(description="Distributions that are not checked yet.")
    waiting: dict[str, int] = Field(description="Of the due ones, what they wait for.")
    shut: str | None = Field(description="Why all of them wait: breaker_open, rate, at_once.")
    shut_until: datetime | None
    last_failure: LastFailure | None


@router.post(
    "/targets/{target_id}/pause",
    status_code=202,
    summary="Pause a target",
    openapi_extra=_TARGETS,
)
def pause_target(target_id: UUID, hold: Hold, parts: Parts, response: Response) -> Accepted:
    """Nothing new is begun for it, no takedown either; what is under way ends."""
    _, position = parts.pauses.pause_target(target_id, hold.reason, hold.until)
    return _accepted(position, response)


@router.post(
    "/targets/{target_id}/resume",
    status_code=202,
    summary="Resume a target",
    openapi_extra=_TARGETS,
)
def resume_target(target_id: UUID, nothing: NoWords, parts: Parts, response: Response) -> Accepted:
    """What waited goes on, in its turn."""
    return _accepted(parts.pauses.resume_target(target_id)[1], response)


@router.get(
    "/targets/{target_id}/health",
    summary="The health of a target",
    openapi_extra=needs(Permission.TARGETS_READ),
    dependencies=[fresh("agenda", "delivery_log")],
)
def get_target_health(target_id: UUID, parts: Parts) -> TargetHealth:
    """Pause, windows, breaker, what waits and for what, and the last failure."""
    target, now = parts.targets.get(target_id), clock.now()
    gate = parts.gate.state(target_id)
    with read_models(parts) as connection:
        tenant_id = current_cause().tenant_id
        waiting = queue.of_target(connection, tenant_id, target_id, target.version)
        failure = queue.last_failure(connection, tenant_id, target_id)
    pause = target.paused if target.paused and target.paused.holds(now) else None
    return TargetHealth(
        target_id=target_id,
        paused=pause is not None,
        paused_reason=pause.reason if pause else None,
        paused_until=pause.until if pause else None,
        next_open=next_open(target.settings.policy, now),
        breaker=gate.breaker if gate else "unknown",
        breaker_open_seconds=gate.open_seconds if gate else 0,
        failures=gate.failures if gate else 0,
        at_work=waiting.at_work,
        due=waiting.due,
        later=waiting.later,
        preparing=waiting.preparing,
        waiting=waiting.told,
        shut=waiting.shut,
        shut_until=waiting.until,
        last_failure=failure,
    )


@router.post(
    "/tenants/{tenant_id}/pause",
    status_code=202,
    summary="Pause a tenant",
    openapi_extra=_TENANTS,
)
def pause_tenant(tenant_id: UUID, hold: Hold, parts: Parts, response: Response) -> Accepted:
    """For operators. Nothing new is begun for it but takedowns at once."""
    return _accepted(parts.pauses.pause_tenant(tenant_id, hold.reason, hold.until)[1], response)


@router.post(
    "/tenants/{tenant_id}/resume",
    status_code=202,
    summary="Resume a tenant",
    openapi_extra=_TENANTS,
)
def resume_tenant(tenant_id: UUID, nothing: NoWords, parts: Parts, response: Response) -> Accepted:
    """For operators. What waited goes on, in its turn."""
    return _accepted(parts.pauses.resume_tenant(tenant_id)[1], response)


@router.get(
    "/system/queue",
    summary="How much waits, and how long",
    openapi_extra=needs(Permission.SYSTEM_READ),
    dependencies=[fresh("agenda")],
)
def get_queue(parts: Parts) -> QueueView:
    """By priority and step; of all tenants for operators, else of the key's own."""
    tenant_id = current_cause().tenant_id
    with read_models(parts) as connection:
        items, at_work = queue.depths(connection, None if tenant_id == SYSTEM_TENANT else tenant_id)
    return QueueView.model_validate({"items": [asdict(i) for i in items], "at_work": at_work})


def _accepted(position: int, response: Response) -> Accepted:
    mark(response, position=position)
    return Accepted(position=position)
