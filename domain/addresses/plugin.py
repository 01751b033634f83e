"""The address of a target that an installed plug-in delivers to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.texts import Name


@dataclass(frozen=True, kw_only=True)
class PluginAddress:
    """`courier` is the name under which the plug-in is installed (entry points of the group
    `deadwax.couriers`). It reads `options` itself, and refuses what it cannot use."""

    courier: Name
    host: Host
    secret: SecretName | None = None
    options: dict[str, str | int | bool] = field(default_factory=dict)
    is_encrypted: bool
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"{self.courier}:{self.host}"}
