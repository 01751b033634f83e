"""Where platforms report by signed requests. No API key: the signature proves who it is."""

from __future__ import annotations

from uuid import UUID, uuid4

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from deadwax.api.body import bounded
from deadwax.api.correlation import correlation_id
from deadwax.api.errors import UNAUTHENTICATED, Problem
from deadwax.api.parts import Parts
from deadwax.application.errors import DeliveryFailed
from deadwax.application.notices import MOST_BYTES
from deadwax.domain import clock
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import Refused
from deadwax.domain.notice import Channel
from deadwax.domain.target import DeliveryTarget
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.reports.webhooks import verify

router = APIRouter(tags=["Reports of platforms"])


class ReportTaken(BaseModel):
    """It is stored, and will be read."""

    id: UUID
    repeated: bool = Field(description="Whether it came before; then nothing happens again.")


@router.post("/webhooks/{target_id}", status_code=202, summary="Report by a signed request")
async def take_report(target_id: UUID, request: Request, parts: Parts) -> ReportTaken:
    """For platforms, as their target's `reports.webhook` says. The body is kept as it came before
    anything is understood; the same report twice is taken once. 401 without a signature of now.
    """
    body = await bounded(request, MOST_BYTES, parts.settings.stall_seconds).body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    return await run_in_threadpool(_take, parts, target_id, headers, body)


def _take(parts: Container, target_id: UUID, headers: dict[str, str], body: bytes) -> ReportTaken:
    target = parts.catalogue.find(DeliveryTarget, target_id)
    webhook = target.settings.reports.webhook if target else None
    if target is None or webhook is None:
        raise _unproven()  # as for a wrong signature: nobody learns which targets there are
    try:
        secret = parts.secrets.get(target.tenant_id, webhook.secret)
        external_id = verify(webhook, secret, headers, body, clock.now())
    except (Refused, DeliveryFailed):
        raise _unproven() from None
    cause = Cause(target.tenant_id, f"platform:{target.id}", correlation_id(), str(uuid4()))
    with acting(cause):
        notice, position = parts.notices.receive(
            target.id,
            Channel.WEBHOOK,
            external_id,
            body,
            name="webhook",
            media_type="application/json",
        )
    return ReportTaken(id=notice.id, repeated=not position)


def _unproven() -> Problem:
    return Problem(
        UNAUTHENTICATED,
        "The request does not prove that it is the platform's, and of now.",
        headers={"WWW-Authenticate": "Signature"},
    )
