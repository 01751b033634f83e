"""What happened: the timeline of a distribution, every attempt, every event, every message."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from deadwax.api.auth import Permission
from deadwax.api.instant import Instant
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.application.errors import NotFound
from deadwax.domain.cause import current_cause
from deadwax.domain.distribution_events import MessageComposed
from deadwax.domain.failures import FailureCategory
from deadwax.domain.texts import Name
from deadwax.projections import audit_trail, delivery_log, timeline
from deadwax.projections.audit_trail import Entry
from deadwax.projections.delivery_log import Attempt, TargetTotals
from deadwax.projections.timeline import Step

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["History"])

Since = Annotated[Instant | None, Query(description="From this time on, with offset.")]
Until = Annotated[Instant | None, Query(description="Before this time, with offset.")]


@router.get(
    "/distributions/{distribution_id}/timeline",
    summary="The timeline of a distribution",
    openapi_extra=needs(Permission.DISTRIBUTIONS_READ),
    dependencies=[fresh("timeline")],
)
def list_timeline(
    distribution_id: UUID, parts: Parts, cursor: Cursor = None, limit: Limit = 100
) -> Listed[Step]:
    """Every step with its evidence, oldest first."""
    parts.distributions.get(distribution_id)
    with read_models(parts) as connection:
        tenant_id = current_cause().tenant_id
        return listed(
            timeline.page(connection, tenant_id, distribution_id, cursor=cursor, limit=limit)
        )


@router.get(
    "/audit-trail",
    summary="The audit trail",
    openapi_extra=needs(Permission.AUDIT_READ),
    dependencies=[fresh("audit_trail")],
)
def list_audit_trail(
    parts: Parts,
    stream_type: Annotated[Name | None, Query(examples=["release"])] = None,
    stream_id: UUID | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    actor: Annotated[Name | None, Query(examples=["key:<id>"])] = None,
    type: Annotated[Name | None, Query(examples=["release.amended"])] = None,
    correlation_id: Name | None = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 100,
) -> Listed[Entry]:
    """Every event of the tenant, oldest first: who, when, what changed, from which request."""
    with read_models(parts) as connection:
        return listed(
            audit_trail.page(
                connection,
                current_cause().tenant_id,
                stream_type=stream_type,
                stream_id=stream_id,
                release_id=release_id,
                target_id=target_id,
                actor=actor,
                type=type,
                correlation_id=correlation_id,
                since=since,
                until=until,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(
    "/delivery-log",
    summary="The delivery log",
    openapi_extra=needs(Permission.DELIVERY_LOG_READ),
    dependencies=[fresh("delivery_log")],
)
def list_delivery_log(
    parts: Parts,
    distribution_id: UUID | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    result: Annotated[Name | None, Query(examples=["sent"])] = None,
    category: FailureCategory | None = None,
    since: Since = None,
    until: Until = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[Attempt]:
    """Every attempt to deliver, in the order they began: bytes, time, result, error."""
    with read_models(parts) as connection:
        return listed(
            delivery_log.page(
                connection,
                current_cause().tenant_id,
                distribution_id=distribution_id,
                release_id=release_id,
                target_id=target_id,
                result=result,
                category=category,
                since=since,
                until=until,
                cursor=cursor,
                limit=limit,
            )
        )


class Totals(BaseModel):
    """Every target that anything was sent to, or tried to be."""

    items: list[TargetTotals]


@router.get(
    "/delivery-log/totals",
    summary="How deliveries went, by target",
    openapi_extra=needs(Permission.DELIVERY_LOG_READ),
    dependencies=[fresh("delivery_log")],
)
def get_delivery_totals(parts: Parts) -> Totals:
    """Attempts, successes and bytes over all time."""
    with read_models(parts) as connection:
        return Totals(items=delivery_log.totals(connection, current_cause().tenant_id))


@router.get(
    "/distributions/{distribution_id}/messages/{message_id}/xml",
    summary="A message as it was composed and sent",
    openapi_extra=needs(Permission.MESSAGES_READ),
    dependencies=[AT_ONCE],
    response_class=Response,
    responses={200: {"description": "The ERN.", "content": {"application/xml": {}}}},
)
def get_message_xml(distribution_id: UUID, message_id: Name, parts: Parts) -> Response:
    """The very bytes. Whether they were sent is in the distribution's evidence."""
    parts.distributions.get(distribution_id)
    for event in parts.log.load(distribution_id):
        if isinstance(event, MessageComposed) and event.message["id"] == message_id:
            sha256 = event.message["xml_sha256"]
            with parts.asset_store.open(sha256) as file:
                return Response(
                    file.read(), media_type="application/xml", headers={"ETag": f'"{sha256}"'}
                )
    raise NotFound("message", message_id)
