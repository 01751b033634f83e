"""Addresses on our own side: a folder, and the outbox of deliveries made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.texts import Name


class Bundle(StrEnum):
    """What a person gets to hand over."""

    FOLDER = "folder"
    ZIP = "zip"


@dataclass(frozen=True, kw_only=True)
class FolderAddress:
    """`path` is below the folder that the operator sets aside for deliveries
    (DEADWAX_DELIVERY_FOLDER)."""

    path: Name
    host: ClassVar[str] = "localhost"
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"folder:{self.path}"}


@dataclass(frozen=True, kw_only=True)
class ManualAddress:
    """A platform without a feed: a person fetches what was laid ready, and hands it over.

    `instructions` is what that person has to do.
    """

    path: Name
    instructions: Name
    bundle: Bundle = Bundle.ZIP
    host: ClassVar[str] = "localhost"
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"manual:{self.path}"}
