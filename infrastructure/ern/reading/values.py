"""Texts of a message as values of the model: normalised where their standard allows, noted
where that changes them, left out and noted where they break it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from deadwax.application.imported import Fate
from deadwax.domain import identifier_forms
from deadwax.domain.errors import InvalidValue
from deadwax.domain.parties import ProprietaryId
from deadwax.domain.texts import Language, Name, Paragraph, PartialDate
from deadwax.domain.tracks import MOST_SECONDS, EventDate
from deadwax.infrastructure.ern.reading.cursor import Cursor

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_BREAK = re.compile(r" *[\t\r\n][\t\r\n ]*")
# No more digits than a release can need: figures of strangers must not become work.
_NUMBER = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,15}(\.[0-9]{1,15})?")
_DURATION = re.compile(
    r"P(?:([0-9]{1,3})D)?(?:T(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?"
    r"(?:([0-9]{1,8}(?:\.[0-9]{1,9})?)S)?)?"
)


def converted(cursor: Cursor | None, kind: Callable[[str], T]) -> T | None:
    """What `kind` makes of the text; None if there is none, or if it breaks the rule."""
    if cursor is None or not cursor.text:
        return None
    try:
        return kind(cursor.text)
    except ValueError as error:
        cursor.note(Fate.INVALID, str(error))
        return None


def name(cursor: Cursor | None) -> Name | None:
    """One line: a break, with the spaces around it, becomes one space."""
    return _reshaped(cursor, lambda text: Name(_BREAK.sub(" ", text)))


def paragraph(cursor: Cursor | None) -> Paragraph | None:
    return converted(cursor, Paragraph)


def identifier(cursor: Cursor | None, kind: str) -> Any:
    """A key of identifier_forms.FORMS: without hyphens, spaces or a label before it."""
    return _reshaped(cursor, lambda text: identifier_forms.parse(kind, text))


def proprietary_ids(cursors: Sequence[Cursor]) -> tuple[ProprietaryId, ...]:
    found = []
    for cursor in cursors:
        namespace = cursor.get("Namespace")
        value = name(cursor)
        if value is None:
            continue
        if not namespace or namespace.strip() != namespace:
            cursor.note(Fate.NO_PLACE, "The model needs its namespace.")
            continue
        cursor.attribute("Namespace")
        found.append(ProprietaryId(namespace=Name(namespace), value=value))
    return tuple(found)


def choice(cursor: Cursor | None, kind: type[E]) -> E | None:
    """A value of an allowed value set; None, and noted, if the model does not have it."""
    if cursor is None or not cursor.text:
        return None
    try:
        return kind(cursor.text)
    except ValueError:
        cursor.note(Fate.NO_PLACE, "The model has no such value.")
        return None


def term(cursor: Cursor) -> Name | None:
    """A word of an open allowed value set, such as a role."""
    return name(cursor)


def language(cursor: Cursor | None) -> Language | None:
    return _reshaped(cursor, language_tag)


def language_tag(text: str) -> Language:
    """ja-JPAN is ja-Jpan: tags are the same in any case. Raises InvalidValue."""
    primary, *rest = text.strip().split("-")
    return Language("-".join([primary.lower(), *(_subtag(part) for part in rest)]))


def language_of(cursor: Cursor) -> Language | None:
    """What the attribute says, if it is not the language of the whole message."""
    given = cursor.get("LanguageAndScriptCode")
    if given is None:
        return None
    try:
        found = language_tag(given)
    except InvalidValue as error:
        cursor.note(Fate.INVALID, str(error), "LanguageAndScriptCode")
        return None
    if found != given:
        cursor.note(Fate.CHANGED, f"It is held as {found!r}.", "LanguageAndScriptCode")
    cursor.attribute("LanguageAndScriptCode")
    return found


def own_language(cursor: Cursor) -> None:
    """Mark the language of a text that the model has none for, if it is the message's own."""
    if cursor.get("LanguageAndScriptCode") == cursor.message_language:
        cursor.attribute("LanguageAndScriptCode")


def flag(cursor: Cursor | None) -> bool | None:
    if cursor is None or cursor.text not in ("true", "1", "false", "0"):
        return None
    return cursor.text in ("true", "1")


def number(cursor: Cursor | None) -> int | None:
    return converted(cursor, _whole)


def decimal(cursor: Cursor | None) -> Decimal | None:
    return converted(cursor, _decimal)


def seconds(cursor: Cursor | None) -> int | None:
    """A duration in whole seconds, rounded half up."""
    exact = converted(cursor, exact_seconds)
    if cursor is None or exact is None:
        return None
    whole = int(exact + Decimal("0.5"))
    if whole != exact:
        cursor.changed(f"It is held as {whole} seconds.")
    return whole


def day(cursor: Cursor | None) -> date | None:
    """A whole date; a year or a month alone is noted and left out."""
    return converted(cursor, _day)


def event_date(cursor: Cursor | None) -> EventDate | None:
    found = converted(cursor, PartialDate)
    if cursor is None or found is None:
        return None
    approximate = cursor.attribute("IsApproximate") in ("true", "1")
    return EventDate(date=found, approximate=approximate)


def everywhere(cursors: Sequence[Cursor]) -> Cursor | None:
    """Of several for different territories, the one that counts as that of the world."""
    world = [c for c in cursors if c.get("ApplicableTerritoryCode") in (None, "Worldwide")]
    default = [c for c in world or cursors if c.get("IsDefault") in ("true", "1")]
    plain = [c for c in world or cursors if c.get("LanguageAndScriptCode") is None]
    found = next(iter((*default, *plain, *world, *cursors)), None)
    if found is not None:
        worldwide(found)
    return found


def worldwide(cursor: Cursor) -> None:
    """Mark what says that it is the default for the world; note where it is narrower."""
    territory = cursor.attribute("ApplicableTerritoryCode")
    cursor.attribute("IsDefault")
    if territory not in (None, "Worldwide"):
        why = f"It is stated for {territory}; the model holds it for every territory."
        cursor.note(Fate.CHANGED, why, "ApplicableTerritoryCode")


def _reshaped(cursor: Cursor | None, kind: Callable[[str], T]) -> T | None:
    found = converted(cursor, kind)
    if cursor is not None and found is not None and found != cursor.text:
        cursor.changed(f"It is held as {found!r}.")
    return found


def _subtag(part: str) -> str:
    return part.title() if len(part) == 4 else part.upper()


def _whole(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a whole number.")
    return int(text)


def _decimal(text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not a number.")
    return Decimal(text)


def exact_seconds(text: str) -> Decimal:
    found = _DURATION.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a duration in days, hours, minutes and seconds.")
    days, hours, minutes, rest = (Decimal(part or 0) for part in found.groups())
    seconds = ((days * 24 + hours) * 60 + minutes) * 60 + rest
    if seconds > MOST_SECONDS:
        raise ValueError(f"{text!r} is longer than any recording.")
    return seconds


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a whole date.") from None
