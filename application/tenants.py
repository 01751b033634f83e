"""Tenants, their labels and their API keys."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.cause import acting, current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.tenant import Label, Tenant, TenantKind
from deadwax.domain.texts import Name


class Tenants:
    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def register(self, name: Name, kind: TenantKind, review: bool) -> tuple[Tenant, str, int]:
        """A new tenant with its first admin key: the tenant, the key's text, the position."""
        tenant_id = uuid4()
        with acting(replace(current_cause(), tenant_id=tenant_id)):
            tenant = Tenant.register(tenant_id, name=name, kind=kind, review=review)
            key, text = ApiKey.issue(role=Role.ADMIN, name="first admin key")
            return tenant, text, self._catalogue.save(tenant, key)

    @redone_on_conflict
    def add_label(self, label: Label) -> int:
        tenant = self.current()
        tenant.add_label(label)
        return self._catalogue.save(tenant)

    def current(self) -> Tenant:
        """The tenant that acts."""
        return self._catalogue.get(Tenant, current_cause().tenant_id)

    def issue_key(
        self, role: Role, name: str, target_id: UUID | None = None
    ) -> tuple[ApiKey, str, int]:
        """A key for the tenant that acts. Only operators of the system get operator keys, and
        only a target whose platform pulls gets a key of its own. Raises Refused, NotFound."""
        if role is Role.OPERATOR:
            raise Refused(
                "The key was not issued",
                [
                    Problem(
                        "role_not_for_tenants",
                        "role",
                        "An operator key belongs to no tenant.",
                        "Choose another role.",
                    )
                ],
            )
        if target_id:
            protocol = self._catalogue.get(DeliveryTarget, target_id).settings.protocol
            if protocol is not Protocol.WEB_SERVICE:
                raise Refused(
                    "The key was not issued",
                    [
                        Problem(
                            "target_is_pushed_to",
                            "target_id",
                            f"The platform of that target gets its deliveries by {protocol}.",
                            "Give a target of the protocol web_service.",
                        )
                    ],
                )
        key, text = ApiKey.issue(role=role, name=name, target_id=target_id)
        return key, text, self._catalogue.save(key)

    @redone_on_conflict
    def revoke_key(self, key_id: UUID) -> int:
        key = self._catalogue.get(ApiKey, key_id)
        key.revoke()
        return self._catalogue.save(key)

    def bearer(self, text: str) -> ApiKey | None:
        """The key that this bearer text belongs to, if it is valid now."""
        parts = ApiKey.split(text)
        key = self._catalogue.find(ApiKey, parts[0]) if parts else None
        return key if parts and key and key.admits(parts[1]) else None
