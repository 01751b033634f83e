"""Addresses of object stores: S3 and what speaks like it, Azure Blob, Google Cloud Storage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deadwax.domain.addresses.parts import BaseUrl, SecretName
from deadwax.domain.texts import Name

NO_PREFIX = Name(".")
GOOGLE = BaseUrl("https://storage.googleapis.com")


@dataclass(frozen=True, kw_only=True)
class S3Address:
    """`prefix` is put before every path. Without `endpoint` it is AWS's own of the region."""

    bucket: Name
    region: Name
    secret: SecretName
    endpoint: BaseUrl | None = None
    prefix: Name = NO_PREFIX
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self._base).hostname)

    @property
    def _base(self) -> str:
        return str(self.endpoint or f"https://s3.{self.region}.amazonaws.com")

    @property
    def is_encrypted(self) -> bool:
        return self._base.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self._base}/{self.bucket}"}


@dataclass(frozen=True, kw_only=True)
class AzureBlobAddress:
    """`account_url` as Azure shows it, such as https://label.blob.core.windows.net."""

    account_url: BaseUrl
    container: Name
    secret: SecretName
    prefix: Name = NO_PREFIX
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.account_url).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.account_url.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.account_url}/{self.container}"}


@dataclass(frozen=True, kw_only=True)
class GcsAddress:
    """`secret` names the JSON of a service account's key."""

    bucket: Name
    secret: SecretName
    endpoint: BaseUrl = GOOGLE
    prefix: Name = NO_PREFIX
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.endpoint).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.endpoint.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.endpoint}/{self.bucket}"}
