"""Lays files ready for a person, who hands them over to a platform without a feed."""

from __future__ import annotations

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.local import ManualAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.folder import NO_FOLDER, FolderCourier
from deadwax.infrastructure.couriers.opening import Opening


def open_courier(address: ManualAddress, opening: Opening) -> FolderCourier:
    """Raises DeliveryFailed(NOT_FOUND) where the operator set no folder aside for deliveries."""
    if opening.folder is None:
        raise DeliveryFailed(FailureCategory.NOT_FOUND, NO_FOLDER)
    return FolderCourier(opening.folder, address.path, make=True)
