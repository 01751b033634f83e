"""Rights lines, genres and warnings, which both families write alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.errors import InvalidValue
from deadwax.domain.territories import Territories, Territory
from deadwax.domain.texts import Name
from deadwax.domain.tracks import RightsLine, TerritoryWarning
from deadwax.domain.vocabulary import ParentalWarning
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import (
    choice,
    everywhere,
    name,
    number,
    own_language,
)

GENRES = ("Genre", "DisplayGenre")  # 4.3.2 renamed it
MARKS = {"PLine": "(P)", "CLine": "(C)"}


def rights_line(lines: Sequence[Cursor]) -> RightsLine | None:
    """The P or C line that holds everywhere. What is written before the owner's text again
    when the line is built, `(P) 1994`, is taken away."""
    line = everywhere(lines)
    if line is None:
        return None
    own_language(line)
    year, text = number(line.child("Year")), name(line.child(f"{line.name}Text"))
    if year is None or text is None:
        line.note(Fate.NO_PLACE, "The model needs a year and a text.")
        return None
    try:
        return RightsLine(year=year, text=bare(text, year, MARKS[line.name]))
    except InvalidValue as error:
        line.note(Fate.INVALID, str(error))
        return None


def bare(text: Name, year: int, mark: str) -> Name:
    """The text without mark and year, if they would be put before it again."""
    rest = text.removeprefix(f"{mark} {year} ")
    starts = (*MARKS.values(), "℗", "©", str(year))
    return text if rest == text or rest.startswith(starts) else Name(rest.strip())


def genre(holder: Cursor) -> dict[str, Any]:
    """`genre` and `sub_genre` as far as they are stated."""
    found = everywhere(holder.children(*GENRES))
    if found is None:
        return {}
    own_language(found)
    return {"genre": name(found.child("GenreText")), "sub_genre": name(found.child("SubGenre"))}


def warnings(cursors: Sequence[Cursor]) -> dict[str, Any]:
    """`parental_warning`, and `parental_warnings` for the territories that have another."""
    general = everywhere(cursors)
    special: dict[ParentalWarning, list[Territory]] = {}
    for cursor in cursors:
        territory = cursor.get("ApplicableTerritoryCode")
        if (general and cursor.element is general.element) or territory in (None, "Worldwide"):
            continue
        warning, where = choice(cursor, ParentalWarning), territory_of(cursor)
        if warning and where:
            special.setdefault(warning, []).append(where)
    return {
        "parental_warning": choice(general, ParentalWarning),
        "parental_warnings": tuple(
            TerritoryWarning(territories=Territories(included=tuple(codes)), warning=warning)
            for warning, codes in special.items()
        ),
    }


def territory_of(cursor: Cursor) -> Territory | None:
    """What the attribute ApplicableTerritoryCode says."""
    return code(
        cursor.attribute("ApplicableTerritoryCode") or "",
        lambda why: cursor.note(Fate.INVALID, why, "ApplicableTerritoryCode"),
    )


def code(text: str, refused: Callable[[str], None]) -> Territory | None:
    try:
        return Territory(text)
    except InvalidValue as error:
        refused(str(error))
        return None
