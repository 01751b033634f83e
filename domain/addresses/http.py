"""Addresses of interfaces that take deliveries by HTTP: REST, SOAP, GraphQL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deadwax.domain.addresses.parts import BaseUrl, SecretName


@dataclass(frozen=True, kw_only=True)
class RestAddress:
    base_url: BaseUrl
    secret: SecretName
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.base_url).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": str(self.base_url)}


@dataclass(frozen=True, kw_only=True)
class SoapAddress(RestAddress):
    """A SOAP service."""


@dataclass(frozen=True, kw_only=True)
class GraphqlAddress(RestAddress):
    """A GraphQL endpoint."""
