"""Which courier speaks which protocol: ours by the table, others by installed plug-ins."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from uuid import UUID

from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import AssetStore, Courier, OutgoingFile, Secrets
from deadwax.application.pull import published
from deadwax.domain.addresses.plugin import PluginAddress
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import Route, TargetSettings
from deadwax.infrastructure.couriers.opening import Notes, Opening, no_links
from deadwax.infrastructure.couriers.pull import PullCourier

PLUGINS = "deadwax.couriers"
"""The group of entry points by which a package offers a courier: its name is what the address
says, its object a function like those of `_MODULES`."""

_MODULES: dict[Protocol, str] = {
    Protocol.SFTP: "sftp",
    Protocol.SCP: "scp",
    Protocol.FTP: "ftp",
    Protocol.FTPS: "ftp",
    Protocol.FOLDER: "folder",
    Protocol.MANUAL: "manual",
    Protocol.REST: "http.rest",
    Protocol.SOAP: "http.soap",
    Protocol.GRAPHQL: "http.graphql",
    Protocol.S3: "s3",
    Protocol.AZURE_BLOB: "azure_blob",
    Protocol.GCS: "gcs",
}
"""Modules of this package, each with `open_courier(address, opening) -> Courier`; imported when
a target first needs it, since each brings a client library of its own."""

Open = Callable[[Any, Opening], Courier]


class CourierRegistry:
    """Implements application.ports.Couriers.

    `stall_seconds` is how long a call may go without progress. Below `delivery_folder` each
    tenant has a folder that is called by its id. `notes` are each tenant's own; `link` signs the
    address where a platform fetches a file.
    """

    def __init__(
        self,
        secrets: Secrets,
        assets: AssetStore,
        catalogue: Catalogue,
        stall_seconds: float = 60.0,
        delivery_folder: Path | None = None,
        notes: Callable[[UUID], Notes] = lambda tenant_id: {},
        link: Callable[[UUID, OutgoingFile, str, int], str] | None = None,
    ) -> None:
        self._secrets, self._assets = secrets, assets
        self._published = partial(published, catalogue)
        self._stall_seconds = stall_seconds
        self._delivery_folder = delivery_folder
        self._notes, self._link = notes, link

    def connect(
        self, tenant_id: UUID, route: Route | TargetSettings, *, fresh: bool = False
    ) -> Courier:
        if route.protocol is Protocol.WEB_SERVICE:
            return PullCourier(self._assets, self._published)
        opening = Opening(
            secret=partial(self._secrets.get, tenant_id),
            stall_seconds=self._stall_seconds,
            folder=self._delivery_folder / str(tenant_id) if self._delivery_folder else None,
            fresh=fresh,
            notes=self._notes(tenant_id),
            link=partial(self._link, tenant_id) if self._link else no_links,
        )
        return _opener(route)(route.address, opening)


def _opener(route: Route | TargetSettings) -> Open:
    if isinstance(route.address, PluginAddress):
        return _plugin(route.address.courier)
    module = import_module(f"{__package__}.{_MODULES[route.protocol]}")
    opener: Open = module.open_courier
    return opener


def _plugin(name: str) -> Open:
    found = entry_points(group=PLUGINS, name=name)
    if not found:
        installed = ", ".join(sorted(entry_points(group=PLUGINS).names)) or "none"
        raise DeliveryFailed(
            FailureCategory.NOT_FOUND,
            f"No courier {name} is installed here; there are: {installed}.",
        )
    opener: Open = next(iter(found)).load()
    return opener
