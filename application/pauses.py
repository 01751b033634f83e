"""Holding back a target or a tenant, and letting it go on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.domain import clock
from deadwax.domain.cause import acting, current_cause
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.tenant import Tenant


class Pauses:
    """Every command returns what it changed and the log position of its last event."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @redone_on_conflict
    def pause_target(
        self, target_id: UUID, reason: str, until: datetime | None
    ) -> tuple[DeliveryTarget, int]:
        target = self._catalogue.get(DeliveryTarget, target_id)
        target.pause(reason, until, clock.now())
        return target, self._catalogue.save(target)

    @redone_on_conflict
    def resume_target(self, target_id: UUID) -> tuple[DeliveryTarget, int]:
        target = self._catalogue.get(DeliveryTarget, target_id)
        target.resume()
        return target, self._catalogue.save(target)

    @redone_on_conflict
    def pause_tenant(
        self, tenant_id: UUID, reason: str, until: datetime | None
    ) -> tuple[Tenant, int]:
        """For operators, who belong to no tenant. Raises NotFound, Refused."""
        with acting(replace(current_cause(), tenant_id=tenant_id)):
            tenant = self._catalogue.get(Tenant, tenant_id)
            tenant.pause(reason, until, clock.now())
            return tenant, self._catalogue.save(tenant)

    @redone_on_conflict
    def resume_tenant(self, tenant_id: UUID) -> tuple[Tenant, int]:
        """For operators. Raises NotFound."""
        with acting(replace(current_cause(), tenant_id=tenant_id)):
            tenant = self._catalogue.get(Tenant, tenant_id)
            tenant.resume()
            return tenant, self._catalogue.save(tenant)
