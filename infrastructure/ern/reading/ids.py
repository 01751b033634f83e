"""How releases are identified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deadwax.domain.metadata import RelatedRelease
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import (
    identifier,
    name,
    proprietary_ids,
    term,
    worldwide,
)


def release_ids(holders: Sequence[Cursor]) -> dict[str, Any]:
    """`icpn`, `grid` and `ids` of the ReleaseIds of one release: one in 4.x, several in 3.8.x."""
    return {
        "icpn": _first(holders, "ICPN", "icpn"),
        "grid": _first(holders, "GRid", "grid"),
        "ids": proprietary_ids([c for h in holders for c in h.children("ProprietaryId")]),
    }


def catalogue_number(holders: Sequence[Cursor]) -> Any:
    """Whose number it is is rebuilt: the sender's."""
    for holder in holders:
        if (found := holder.child("CatalogNumber")) is not None:
            found.attribute("Namespace")
            return name(found)
    return None


def related_releases(listed: Sequence[Cursor]) -> tuple[RelatedRelease, ...]:
    found = []
    for related in listed:
        holders = related.children("ReleaseId")
        relationship = related.child("ReleaseRelationshipType")
        kind = term(relationship) if relationship else None
        if kind is not None:
            found.append(
                RelatedRelease(
                    relationship=kind,
                    isrc=_first(holders, "ISRC", "isrc"),
                    title=_title(related),
                    **release_ids(holders),
                )
            )
    return tuple(found)


def _title(related: Cursor) -> Any:
    for path in ("ReferenceTitle/TitleText", "DisplayTitleText", "DisplayTitle/TitleText"):
        if titles := related.at(path):
            worldwide(titles[0])
            return name(titles[0])
    return None


def _first(holders: Sequence[Cursor], tag: str, kind: str) -> Any:
    """A second one stays unread."""
    children = (c for h in holders for c in h.children(tag))
    return identifier(next(children, None), kind)
