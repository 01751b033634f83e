"""What recordings and releases say alike: titles, genres, lines, dates, identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from deadwax.domain.parties import ProprietaryId
from deadwax.domain.tracks import EventDate, LocalTitle, RightsLine
from deadwax.infrastructure.ern.display import c_text, p_text, shown_title
from deadwax.infrastructure.ern.write import leaf, node


def reference_title(title: str | None, version: str | None) -> str:
    return node("ReferenceTitle", leaf("TitleText", title), leaf("SubTitle", version))


def titles(title: str | None, version: str | None, local: Sequence[LocalTitle]) -> str:
    """FormalTitle and DisplayTitle (Release Profiles 1.4, 4.3), then the other languages.

    The version is the SubTitle of the first, and in brackets in the second.
    """
    return "".join(
        [
            _title("FormalTitle", title, version),
            _title("DisplayTitle", shown_title(title, version) if title else None),
            *(_title("TranslatedTitle", t.text, t.version, t.language) for t in local),
        ]
    )


def _title(
    kind: str, text: str | None, version: str | None = None, language: str | None = None
) -> str:
    return node(
        "Title",
        leaf("TitleText", text),
        leaf("SubTitle", version),
        LanguageAndScriptCode=language,
        TitleType=kind,
    )


def only_title(title: str | None, language: str | None) -> str:
    """The title of what is not displayed as a track or release."""
    return _title("FormalTitle", title, language=language) if title else ""


def grouping_title(title: str) -> str:
    return _title("GroupingTitle", title)


@lru_cache(maxsize=1024)
def genre(text: str | None, sub_genre: str | None) -> str:
    return node("Genre", leaf("GenreText", text), leaf("SubGenre", sub_genre))


def event(name: str, date: EventDate | None) -> str:
    if date is None:
        return ""
    return leaf(name, date.date, IsApproximate="true" if date.approximate else None)


def proprietary_ids(ids: Iterable[ProprietaryId]) -> str:
    return "".join([leaf("ProprietaryId", id.value, Namespace=id.namespace) for id in ids])


@lru_cache(maxsize=4096)
def p_line(line: RightsLine | None) -> str:
    if line is None:
        return ""
    return node("PLine", leaf("Year", line.year), leaf("PLineText", p_text(line)))


@lru_cache(maxsize=4096)
def c_line(line: RightsLine | None) -> str:
    if line is None:
        return ""
    return node("CLine", leaf("Year", line.year), leaf("CLineText", c_text(line)))
