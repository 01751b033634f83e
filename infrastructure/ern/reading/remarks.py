"""Keywords, comments and other words beside a title, which both families write alike."""

from __future__ import annotations

from typing import Any

from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import (
    everywhere,
    name,
    own_language,
    term,
    worldwide,
)


def remarks(holder: Cursor | None) -> dict[str, Any]:
    """`keywords` and `marketing_comment`."""
    if holder is None:
        return {"keywords": (), "marketing_comment": None}
    keywords = []
    for cursor in holder.children("Keywords"):
        if (text := name(cursor)) is not None:
            worldwide(cursor)
            own_language(cursor)
            keywords.append(text)
    return {
        "keywords": tuple(keywords),
        "marketing_comment": name(_one(holder, "MarketingComment")),
    }


def courtesy_line(holder: Cursor | None) -> Any:
    return name(_one(holder, "CourtesyLine")) if holder else None


def version_types(holder: Cursor | None) -> tuple[Any, ...]:
    listed = holder.children("VersionType") if holder else []
    return tuple(found for c in listed if (found := term(c)))


def _one(holder: Cursor, tag: str) -> Cursor | None:
    found = everywhere(holder.children(tag))
    if found is not None:
        own_language(found)
    return found
