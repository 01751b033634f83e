"""Which courier speaks which protocol."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.ports import AssetStore, Courier, Secrets
from deadwax.application.pull import published
from deadwax.domain.target import PullAddress, SftpAddress, TargetSettings
from deadwax.infrastructure.couriers.pull import PullCourier
from deadwax.infrastructure.couriers.sftp import open_courier


class CourierRegistry:
    """Implements application.ports.Couriers.

    `stall_seconds` is how long a call may go without progress.
    """

    def __init__(
        self,
        secrets: Secrets,
        assets: AssetStore,
        catalogue: Catalogue,
        stall_seconds: float = 60.0,
    ) -> None:
        self._secrets, self._assets = secrets, assets
        self._published = partial(published, catalogue)
        self._stall_seconds = stall_seconds

    def connect(self, tenant_id: UUID, settings: TargetSettings) -> Courier:
        match settings.address:
            case SftpAddress() as address:
                secret = self._secrets.get(tenant_id, address.secret)
                return open_courier(address, secret, self._stall_seconds)
            case PullAddress():
                return PullCourier(self._assets, self._published)
