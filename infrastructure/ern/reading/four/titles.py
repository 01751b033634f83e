"""Titles of 4.x: DisplayTitle says them, DisplayTitleText shows them."""

from __future__ import annotations

from typing import Any

from deadwax.domain.texts import Language, Name
from deadwax.domain.tracks import LocalTitle
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import (
    everywhere,
    language_of,
    name,
    own_language,
    worldwide,
)

_ADDITIONAL = ("AdditionalTitle", "FormalTitle")


def titles(holder: Cursor) -> dict[str, Any]:
    """`title`, `version` and `titles` of a recording or release."""
    listed = holder.children("DisplayTitle")
    main = everywhere(listed)
    if main is None:
        return _from_texts(holder)
    own_language(main)
    title, version = _parts(main)
    local = []
    for cursor in listed:
        if cursor.element is main.element or cursor.get("LanguageAndScriptCode") is None:
            continue
        language = language_of(cursor)
        text, other_version = _parts(cursor)
        if language and text:
            worldwide(cursor)
            local.append(LocalTitle(language=language, text=text, version=other_version))
    _texts(holder, title, version, local)
    return {"title": title, "version": version, "titles": tuple(local)}


def same_titles(holder: Cursor, title: Name | None, version: Name | None) -> None:
    """Mark titles of a track release that only repeat those of its recording."""
    texts = {(title, version), (_shown(title, version), None)}
    for cursor in holder.children("DisplayTitle", "DisplayTitleText", *_ADDITIONAL):
        shown = cursor.child("TitleText") or cursor
        subtitle = cursor.child("SubTitle")
        said = (shown.raw.strip(), subtitle.raw.strip() if subtitle else None)
        if said not in texts or cursor.get("LanguageAndScriptCode") is not None:
            continue
        worldwide(cursor)
        for held in (shown, subtitle):
            if held is not None:
                held.hold("SubTitleType")


def _parts(cursor: Cursor) -> tuple[Name | None, Name | None]:
    """Title and version; a second subtitle stays unread."""
    subtitle = cursor.child("SubTitle")
    if subtitle is not None and subtitle.get("SubTitleType") == "Version":
        subtitle.attribute("SubTitleType")
    return name(cursor.child("TitleText")), name(subtitle)


def _texts(
    holder: Cursor, title: Name | None, version: Name | None, local: list[LocalTitle]
) -> None:
    """The shown titles are made from the others."""
    expected: dict[str | None, str | None] = {None: _shown(title, version)}
    expected |= {t.language: _shown(t.text, t.version) for t in local}
    for cursor in holder.children("DisplayTitleText"):
        language: Language | None = language_of(cursor)
        main = language is None or language == cursor.message_language
        cursor.rebuilt(expected.get(language, expected[None] if main else None))
        worldwide(cursor)


def _shown(title: str | None, version: str | None) -> str | None:
    return title if version is None else f"{title} ({version})"


def _from_texts(holder: Cursor) -> dict[str, Any]:
    """Where only the shown title is stated."""
    shown = everywhere(holder.children("DisplayTitleText"))
    return {"title": name(shown)} if shown else {}
