"""Addresses on our own side: a folder, and the outbox of deliveries made by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.texts import Paragraph
from deadwax.domain.values import Text


class FolderPath(Text):
    code, example = "folder_path_invalid", "spotify/incoming"
    pattern = r"[^/\x00-\x1f]{1,200}(/[^/\x00-\x1f]{1,200}){0,9}"
    fix = "Give a relative path, without . and .. in it."

    @classmethod
    def check(cls, value: str) -> str:
        if any(name in (".", "..") for name in value.split("/")):
            return "it has to stay below the folder that is set aside"
        return ""


@dataclass(frozen=True, kw_only=True)
class FolderAddress:
    """`path` is below the tenant's own folder, which is called by its id, in the one that the
    operator sets aside for deliveries (DEADWAX_DELIVERY_FOLDER). Both have to be there."""

    path: FolderPath
    host: ClassVar[str] = "localhost"
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"folder:{self.path}"}


@dataclass(frozen=True, kw_only=True)
class ManualAddress:
    """A platform without a feed: a person fetches what was laid ready, and hands it over.

    `instructions` is what that person has to do. `path` is where the files are laid ready, as in
    FolderAddress; it is made where it is missing.
    """

    path: FolderPath
    instructions: Paragraph
    host: ClassVar[str] = "localhost"
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"manual:{self.path}"}
