"""Which courier speaks which protocol."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from deadwax.application.ports import Courier, Secrets
from deadwax.domain.target import Protocol, SftpAddress, TargetSettings
from deadwax.infrastructure.couriers.sftp import open_courier

COURIERS: dict[Protocol, Callable[[SftpAddress, str, float], Courier]] = {
    Protocol.SFTP: open_courier,
}


class CourierRegistry:
    """Implements application.ports.Couriers.

    `stall_seconds` is how long a call may go without progress.
    """

    def __init__(self, secrets: Secrets, stall_seconds: float = 60.0) -> None:
        self._secrets = secrets
        self._stall_seconds = stall_seconds

    def connect(self, tenant_id: UUID, settings: TargetSettings) -> Courier:
        secret = self._secrets.get(tenant_id, settings.address.secret)
        return COURIERS[settings.protocol](settings.address, secret, self._stall_seconds)
