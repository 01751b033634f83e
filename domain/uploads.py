"""Which messages are on their way to a platform, and by which of a target's two ways."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

PRIMARY = "primary"
FALLBACK = "fallback"

COMPLETING = frozenset({"manifest", "marker"})
"""Roles of the files that say that a delivery is whole, and belong to all its messages."""

_ENDING = COMPLETING | {"message"}


def other(route: str) -> str:
    return FALLBACK if route == PRIMARY else PRIMARY


@dataclass(frozen=True)
class Upload:
    """A message of which files were brought to the platform by `route`. `shown` once its
    publishing began there, from when on only a look can tell that it did not happen."""

    message: dict[str, Any]
    route: str
    shown: bool = False

    @property
    def is_visible(self) -> bool:
        """Whether the platform may have seen its message without the file that comes last."""
        files = self.message.get("files", [])
        return self.shown or bool(files and files[-1].get("role") not in _ENDING)


def paths_of(message: dict[str, Any]) -> frozenset[str]:
    return frozenset(file["path"] for file in message.get("files", ()))
