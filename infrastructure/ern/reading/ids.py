"""How releases are identified."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.metadata import RelatedRelease
from deadwax.domain.parties import ProprietaryId
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


def supplement_id(
    listed: Sequence[Cursor], release_id: str | None, name: str
) -> ProprietaryId | None:
    """The label's own identifier of what belongs to a release; None where it is the one that is
    made of that of the release and a `name`. A second one stays unread."""
    found = next(iter(proprietary_ids(listed[:1])), None)
    return None if found and found.value == f"{release_id}_{name}" else found


def catalogue_number(holders: Sequence[Cursor]) -> Any:
    """Whose number it is is rebuilt: the sender's."""
    for holder in holders:
        if (found := holder.child("CatalogNumber")) is not None:
            found.attribute("Namespace")
            return name(found)
    return None


def related_releases(listed: Sequence[Cursor]) -> tuple[RelatedRelease, ...]:
    """Those that a valid identifier names; the others are noted."""
    found = []
    for related in listed:
        holders = related.children("ReleaseId")
        relationship = related.child("ReleaseRelationshipType")
        kind = term(relationship) if relationship else None
        ids = {"isrc": _first(holders, "ISRC", "isrc"), **release_ids(holders)}
        if kind is None or not any(ids.values()):
            related.note(Fate.INVALID, "Nothing valid says which release it is: it is left out.")
            continue
        found.append(RelatedRelease(relationship=kind, title=_title(related), **ids))
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
