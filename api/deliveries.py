"""Deliveries of a distribution: how far one is, and what attests those that were made."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from deadwax.api.auth import Permission
from deadwax.api.delivery_views import ProgressView, Receipt, ReceiptItem, Receipts, UnderWay
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.application.receipts import read_receipt, receipts_among
from deadwax.domain.texts import Name

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Distributions"])

_READ = needs(Permission.DISTRIBUTIONS_READ)
_ONE = "/distributions/{distribution_id}"


@router.get(
    _ONE + "/progress",
    summary="How far a delivery is",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
)
def get_progress(distribution_id: UUID, parts: Parts) -> UnderWay:
    """While it runs, once a second: bytes, rate, estimate, file. It is kept nowhere else."""
    distribution = parts.distributions.get(distribution_id)
    shown = parts.progress.of(distribution.id, distribution.token)
    return UnderWay(status=distribution.status, progress=ProgressView.of(shown))


@router.get(
    _ONE + "/receipts",
    summary="List the receipts of a distribution",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
)
def list_receipts(distribution_id: UUID, parts: Parts) -> Receipts:
    """One for each message that an attempt, or a later look at the server, saw delivered."""
    parts.distributions.get(distribution_id)
    kept = receipts_among(parts.log.load(distribution_id))
    return Receipts(items=[ReceiptItem.of(one) for one in kept])


@router.get(
    _ONE + "/receipts/{message_id}",
    summary="A receipt, with its signature",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
)
def get_receipt(distribution_id: UUID, message_id: Name, parts: Parts) -> Receipt:
    """What was delivered, where, how it was compared, and when."""
    parts.distributions.get(distribution_id)
    kept, document = read_receipt(parts.log, parts.asset_store, distribution_id, message_id)
    return Receipt(
        document=document,
        sha256=kept.sha256,
        signature=kept.signature,
        public_key=document["key"]["public_key"],
        key=kept.key,
    )
