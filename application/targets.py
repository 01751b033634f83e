"""Delivery targets, and testing for real whether one can be reached."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.ports import Couriers, Probe
from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.target import DeliveryTarget, TargetSettings


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
    def pin_host_key(self, target_id: UUID, host_key: HostKey) -> tuple[DeliveryTarget, int]:
        """Trust this host key from now on: a person's decision, recorded."""
        target = self._catalogue.get(DeliveryTarget, target_id)
        address = target.settings.address
        if not isinstance(address, SftpAddress):
            raise Refused(
                "No host key is needed",
                [
                    Problem(
                        "no_host_key",
                        "protocol",
                        f"A target of {target.settings.protocol} has no host key.",
                        "Pin host keys of sftp targets only.",
                    )
                ],
            )
        target.amend(replace(target.settings, address=replace(address, host_key=host_key)))
        return target, self._catalogue.save(target)

    def test(self, target_id: UUID) -> Probe:
        """Connect and write, rename, read back and delete a small file.

        Raises DeliveryFailed with the category and what to do.
        """
        target = self._catalogue.get(DeliveryTarget, target_id)
        courier = self._couriers.connect(target.tenant_id, target.settings)
        try:
            return courier.probe()
        finally:
            courier.close()
