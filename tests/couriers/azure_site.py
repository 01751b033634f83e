"""A container of azurite, seen from behind by a client of its own."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from azure.core.exceptions import ResourceNotFoundError
from azure.storage.blob import ContainerClient, generate_container_sas

from deadwax.domain.addresses.object_stores import AzureBlobAddress, Bucket
from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.infrastructure.couriers.azure_blob import AzureBlobCourier, open_courier
from deadwax.infrastructure.couriers.contract import MB
from deadwax.infrastructure.couriers.opening import Opening

ACCOUNT = "devstoreaccount1"
# Azurite's, which everybody knows.
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
BLOCK = 4 * MB


@dataclass(frozen=True)
class AzureSite:
    address: AzureBlobAddress
    secret: str = json.dumps({"account_key": KEY})
    wrong_secret: str = json.dumps({"account_key": "d3Jvbmc="})

    @property
    def endpoint(self) -> tuple[str, int]:
        parts = urlsplit(self.address.account_url)
        return str(parts.hostname), int(parts.port or 443)

    @property
    def client(self) -> ContainerClient:
        return ContainerClient(
            self.address.account_url,
            self.address.container,
            credential={"account_name": ACCOUNT, "account_key": KEY},
            connection_verify=False,
        )

    def connect(
        self, *, stall_seconds: float = 20.0, through: int | None = None
    ) -> AzureBlobCourier:
        address = self.address
        if through is not None:
            scheme = urlsplit(address.account_url).scheme
            through_proxy = BaseUrl(f"{scheme}://127.0.0.1:{through}/{ACCOUNT}")
            address = replace(address, account_url=through_proxy)
        return opened(address, self.secret, stall_seconds)

    def connect_with_wrong_secret(self) -> AzureBlobCourier:
        return opened(self.address, self.wrong_secret)

    def connect_with_expired_secret(self) -> AzureBlobCourier:
        return opened(self.address, self.sas(timedelta(hours=-1)))

    def sas(self, lasts: timedelta, permission: str = "racwdl") -> str:
        """A secret with a SAS on the container."""
        token = generate_container_sas(
            ACCOUNT,
            self.address.container,
            account_key=KEY,
            permission=permission,
            expiry=datetime.now(UTC) + lasts,
        )
        return json.dumps({"sas_token": token})

    def read(self, path: str) -> bytes | None:
        try:
            data: bytes = self.client.download_blob(self._key(path)).readall()
        except ResourceNotFoundError:
            return None
        return data

    def write(self, path: str, data: bytes) -> None:
        self.client.upload_blob(self._key(path), data, overwrite=True)

    def names(self, folder: str) -> list[str]:
        lead = self._key(folder + "/" if folder else "")
        found = self.client.list_blob_names(name_starts_with=lead)
        return sorted({name.removeprefix(lead).partition("/")[0] for name in found})

    def _key(self, path: str) -> str:
        return f"{self.address.prefix}/{path}"


def opened(address: AzureBlobAddress, secret: str, stall_seconds: float = 20.0) -> AzureBlobCourier:
    return open_courier(address, Opening(lambda _: secret, stall_seconds), block_size=BLOCK)


def new_container(account_url: str, name: str) -> AzureSite:
    """A site on a container that is made for it."""
    address = AzureBlobAddress(
        account_url=BaseUrl(account_url),
        container=Bucket(name),
        secret=SecretName("azure"),
        prefix="label/inbox",
    )
    site = AzureSite(address)
    site.client.create_container()
    return site
