"""Delivery targets, and testing for real whether one can be reached."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.ports import Couriers, Probe
from deadwax.domain.addresses.ssh import HostKey, SshAddress
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.target import DeliveryTarget, Route, TargetSettings


class Targets:
    def __init__(self, catalogue: Catalogue, couriers: Couriers) -> None:
        self._catalogue, self._couriers = catalogue, couriers

    def open(self, settings: TargetSettings) -> tuple[DeliveryTarget, int]:
        target = DeliveryTarget.open(uuid4(), settings)
        return target, self._catalogue.save(target)

    def get(self, target_id: UUID) -> DeliveryTarget:
        return self._catalogue.get(DeliveryTarget, target_id)

    @redone_on_conflict
    def amend(
        self, target_id: UUID, settings: TargetSettings, version: int | None
    ) -> tuple[DeliveryTarget, int]:
        target = self._catalogue.get(DeliveryTarget, target_id, version)
        target.amend(settings)
        return target, self._catalogue.save(target)

    @redone_on_conflict
    def pin_host_key(
        self, target_id: UUID, host_key: HostKey, *, fallback: bool = False, beside: bool = False
    ) -> tuple[DeliveryTarget, int]:
        """Trust this host key from now on, or `beside` those trusted before: a person's decision,
        recorded. Of the target's own address or of its `fallback`."""
        target = self._catalogue.get(DeliveryTarget, target_id)
        settings = target.settings
        route = _route(settings, fallback)
        if not isinstance(route.address, SshAddress):
            raise Refused(
                "No host key is needed",
                [
                    Problem(
                        "no_host_key",
                        "protocol",
                        f"By {route.protocol} there is no host key.",
                        "Pin host keys of sftp and scp addresses only.",
                    )
                ],
            )
        trusting = replace(route, address=route.address.trusting(host_key, beside=beside))
        target.amend(
            replace(settings, fallback=trusting) if isinstance(trusting, Route) else trusting
        )
        return target, self._catalogue.save(target)

    def test(self, target_id: UUID, *, fallback: bool = False) -> Probe:
        """Connect and write, rename, read back and delete a small file.

        Raises DeliveryFailed with the category and what to do.
        """
        target = self._catalogue.get(DeliveryTarget, target_id)
        courier = self._couriers.connect(target.tenant_id, _route(target.settings, fallback))
        try:
            return courier.probe()
        finally:
            courier.close()


def _route(settings: TargetSettings, fallback: bool) -> Route | TargetSettings:
    if not fallback:
        return settings
    if settings.fallback is None:
        raise Refused(
            "There is no other way",
            [
                Problem(
                    "no_fallback",
                    "fallback",
                    "The target has no fallback.",
                    "Give it one in its settings first.",
                )
            ],
        )
    return settings.fallback
