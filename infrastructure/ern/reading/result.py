"""What both families make of the release in a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from deadwax.application.imported import Fate, StatedFile
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.tenant import Label
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.deals import DealsRead
from deadwax.infrastructure.ern.reading.values import seconds

_NO_DEALS = DealsRead()


@dataclass(frozen=True)
class ReleaseRead:
    """`metadata` is None where the release has no title."""

    metadata: ReleaseMetadata | None = None
    label: Label | None = None
    files: tuple[StatedFile, ...] = ()
    deals: DealsRead = _NO_DEALS


def release_read(
    release: Cursor,
    fields: Mapping[str, Any],
    label: Label | None,
    files: tuple[StatedFile, ...],
    deals: DealsRead,
) -> ReleaseRead:
    """`fields` are the arguments of the metadata."""
    metadata = ReleaseMetadata(**fields) if fields.get("title") else None
    if metadata is None:
        release.note(Fate.INVALID, "Without a title there is no draft: nothing of it is held.")
    return ReleaseRead(metadata, label, files, deals)


def total_length(release: Cursor, tracks: Sequence[Track]) -> None:
    """Mark the length of the release, which is made from those of its tracks."""
    if (stated := release.child("Duration")) is None:
        return
    total = sum(track.duration or 0 for track in tracks)
    if seconds(stated) != total:
        stated.changed(f"It is rebuilt as the sum of the tracks: {total} seconds.")
