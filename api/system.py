"""How the installation is: for operators, and for admins of tenants as far as it is theirs."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.parts import Parts
from deadwax.api.reading import fresh, read_models
from deadwax.api.route import Route, needs
from deadwax.domain.cause import SYSTEM_TENANT, current_cause
from deadwax.projections import failures, positions
from deadwax.projections.failures import TenantFailures

router = APIRouter(prefix="/api/v1/system", route_class=Route, tags=["System"])


class ProjectionView(BaseModel):
    """How far a read model has come."""

    name: str
    version: int
    position: int
    lag: int = Field(description="Events of the log that are not in it yet.")
    state: str = Field(description="running, or stopped at an event that it could not apply.")
    failed_position: int | None
    error: str | None = Field(description="Why it stopped; for operators only.")
    updated_at: datetime


class ProjectionsView(BaseModel):
    """The log and its read models."""

    head: int = Field(description="Log position of the last event.")
    items: list[ProjectionView]


@router.get(
    "/projections",
    summary="How far the read models have come",
    openapi_extra=needs(Permission.SYSTEM_READ),
)
def list_projections(parts: Parts) -> ProjectionsView:
    """Positions, lag, and which of them stopped."""
    operator = current_cause().tenant_id == SYSTEM_TENANT
    with read_models(parts) as connection:
        standing = positions.health(connection)
        found = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
    head: int = found[0] if found else 0
    return ProjectionsView(
        head=head,
        items=[
            ProjectionView(
                name=p.name,
                version=p.version,
                position=p.position,
                lag=max(0, head - p.position),
                state=p.state,
                failed_position=p.failed_position,
                # An error may quote the event, and the event may be another tenant's.
                error=p.error if operator else None,
                updated_at=p.updated_at,
            )
            for p in standing
        ],
    )


class FailuresView(BaseModel):
    """What fails, for each tenant."""

    items: list[TenantFailures]


@router.get(
    "/failures",
    summary="What fails, by tenant",
    openapi_extra=needs(Permission.SYSTEM_READ),
    dependencies=[fresh("status_board")],
)
def list_tenant_failures(parts: Parts) -> FailuresView:
    """How many distributions fail for which reason: of all tenants for an operator, of their own
    for an admin."""
    tenant_id = current_cause().tenant_id
    with read_models(parts) as connection:
        wanted = None if tenant_id == SYSTEM_TENANT else tenant_id
        return FailuresView(items=failures.by_tenant(connection, wanted))
