"""Titles of 3.8.x: one ReferenceTitle, and typed ones for display."""

from __future__ import annotations

from typing import Any

from deadwax.domain.texts import Name
from deadwax.domain.tracks import LocalTitle
from deadwax.infrastructure.ern.display import shown_title
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.three.territories import Details
from deadwax.infrastructure.ern.reading.values import language_of, name, own_language

_MAIN = ("FormalTitle", "DisplayTitle")


def titles(holder: Cursor, details: Details) -> dict[str, Any]:
    """`title`, `version` and `titles` of a resource or release."""
    listed = [*holder.children("Title"), *details.children("Title")]
    main = [c for c in listed if _is_own(c)]
    reference = holder.child("ReferenceTitle")
    formal = next((c for kind in _MAIN for c in main if c.get("TitleType") == kind), reference)
    if formal is None:
        return {"title": None, "version": None, "titles": ()}
    formal.attribute("TitleType")
    own_language(formal)
    title, version = _parts(formal)
    local = [t for c in listed if not _is_own(c) and (t := _local(c))]
    for shown in main:
        if shown.element is not formal.element and shown.get("TitleType") in _MAIN:
            _repeated(shown, title, version)
    if reference is not None and reference.element is not formal.element:
        own_language(reference)
        _repeated(reference, title, version)
    return {"title": title, "version": version, "titles": tuple(local)}


def _is_own(cursor: Cursor) -> bool:
    return cursor.get("LanguageAndScriptCode") in (None, cursor.message_language)


def _local(cursor: Cursor) -> LocalTitle | None:
    cursor.rebuilt("TranslatedTitle", "TitleType")
    language = language_of(cursor)
    text, version = _parts(cursor)
    return LocalTitle(language=language, text=text, version=version) if language and text else None


def _parts(cursor: Cursor) -> tuple[Name | None, Name | None]:
    """Title and version; a second subtitle stays unread."""
    return name(cursor.child("TitleText")), name(cursor.child("SubTitle"))


def _repeated(cursor: Cursor, title: Name | None, version: Name | None) -> None:
    """A title that is made again from title and version: with it as a subtitle, or in
    brackets."""
    cursor.attribute("TitleType")
    text, subtitle = cursor.child("TitleText"), cursor.child("SubTitle")
    if text is not None:
        in_brackets = subtitle is None and cursor.name == "Title" and title is not None
        text.rebuilt(shown_title(title, version) if in_brackets and title else title)
    if subtitle is not None:
        subtitle.rebuilt(version)
