"""Previews: which part of a recording a clip is."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import decimal, seconds

_KINDS = ("ClipDetails", "PreviewDetails")


def preview(details: Sequence[Cursor]) -> dict[str, int]:
    """`preview_start` and `preview_length` of the first preview; other clips stay unread."""
    for technical in details:
        for clip in technical.children(*_KINDS):
            if clip.name == "ClipDetails" and _kind(clip) != "Preview":
                continue
            return _part(clip)
    return {}


def _kind(clip: Cursor) -> str | None:
    kind = clip.child("ClipType")
    return kind.raw.strip() if kind else None


def _part(clip: Cursor) -> dict[str, int]:
    for name in ("ClipType", "TechnicalResourceDetailsReference"):
        if (child := clip.child(name)) is not None:
            child.hold()
    if (expression := clip.child("ExpressionType")) is not None:
        expression.rebuilt("Instructive")
    timing = clip.child("Timing") or clip
    found = {}
    if (start := _point(timing.child("StartPoint"))) is not None:
        found["preview_start"] = start
    length = seconds(timing.child("DurationUsed", "Duration"))
    if length is None and (end := _point(timing.child("EndPoint"))) is not None:
        length = end - found.get("preview_start", 0)
    if length is not None and length > 0:
        found["preview_length"] = length
    return found


def _point(cursor: Cursor | None) -> int | None:
    """Seconds from the start."""
    exact = decimal(cursor)
    if cursor is None or exact is None:
        return None
    if exact != int(exact):
        cursor.changed(f"It is held as {int(exact)} seconds.")
    return int(exact)
