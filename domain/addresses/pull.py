"""The address of our own web service, which the platform pulls from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlsplit

from deadwax.domain.addresses.parts import BaseUrl


@dataclass(frozen=True, kw_only=True)
class PullAddress:
    """`base_url` is where the platform reaches our web service, as agreed with it: its feed is at
    `{base_url}/feed`. Links and evidence name it. The platform's key is no part of it."""

    base_url: BaseUrl
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.base_url}/feed"}

    @property
    def host(self) -> str:
        return str(urlsplit(self.base_url).hostname)

    @property
    def is_encrypted(self) -> bool:
        return self.base_url.startswith("https://")
