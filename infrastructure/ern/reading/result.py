"""What both families make of the release in a message."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.application.imported import StatedFile
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.tenant import Label


@dataclass(frozen=True)
class ReleaseRead:
    """`metadata` is None where the release has no title; `withdraws` says that no deal goes on,
    and at least one says that it ends or is cancelled."""

    metadata: ReleaseMetadata | None
    label: Label | None
    files: tuple[StatedFile, ...]
    withdraws: bool
