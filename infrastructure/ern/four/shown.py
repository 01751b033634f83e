"""What recordings, releases and attachments say alike: titles, artists, warnings, lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from deadwax.domain.parties import Artist, ArtistName, Contributor
from deadwax.domain.tracks import LocalTitle, RightsLine, TerritoryWarning
from deadwax.domain.vocabulary import ParentalWarning
from deadwax.infrastructure.ern import display
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.four.parties import LABEL
from deadwax.infrastructure.ern.write import leaf, leaves, node

WORLD = {"ApplicableTerritoryCode": "Worldwide"}
DEFAULT = {**WORLD, "IsDefault": "true"}

Children = dict[str, str]

LABEL_REFERENCE = leaf("ReleaseLabelReference", LABEL, **WORLD)


def titles(title: str, version: str | None, local: Sequence[LocalTitle] = ()) -> Children:
    """The default title in the language of the message, then the others in theirs.

    The version is a SubTitle, and in brackets in the DisplayTitleText.
    """
    shown = [leaf("DisplayTitleText", display.shown_title(title, version), **DEFAULT)]
    detailed = [_detailed(title, version, DEFAULT)]
    for other in local:
        where = {"LanguageAndScriptCode": other.language, **WORLD}
        text = display.shown_title(other.text, other.version)
        shown.append(leaf("DisplayTitleText", text, **where))
        detailed.append(_detailed(other.text, other.version, where))
    return {"DisplayTitleText": "".join(shown), "DisplayTitle": "".join(detailed)}


def artists(listed: Sequence[Artist], given: Sequence[ArtistName], draft: Draft) -> Children:
    """The display name, in several languages if given, then each artist with its place in it."""
    names = [
        _shown_name(text, language, is_default=n == 0)
        for n, (text, language) in enumerate(display.artist_names(listed, given))
    ]
    has_value = draft.shape.role_has_value
    shown = [
        _display_artist(n, draft.parties.reference(a), a.role, a.roles, has_value)
        for n, a in enumerate(listed, start=1)
    ]
    return {"DisplayArtistName": "".join(names), "DisplayArtist": "".join(shown)}


def contributors(people: Iterable[Contributor], draft: Draft) -> str:
    """One element per party with all its roles (Release Profiles 7.4)."""
    credited: dict[str, tuple[dict[str, None], dict[str, None]]] = {}
    for person in people:
        reference = draft.parties.reference(person)
        done, instruments = credited.setdefault(reference, ({}, {}))
        done |= dict.fromkeys(person.roles)
        instruments |= dict.fromkeys(person.instruments)
    has_value = draft.shape.role_has_value
    return "".join(
        [
            _contributor(n, reference, tuple(done), tuple(instruments), has_value)
            for n, (reference, (done, instruments)) in enumerate(credited.items(), start=1)
        ]
    )


def warnings(general: ParentalWarning | None, by_territory: Sequence[TerritoryWarning] = ()) -> str:
    if not by_territory:
        return leaf("ParentalWarningType", general)
    special = [
        leaf("ParentalWarningType", w.warning, ApplicableTerritoryCode=country)
        for w in by_territory
        for country in w.territories.included or sorted(w.territories.countries())
    ]
    return leaf("ParentalWarningType", general, **DEFAULT) + "".join(special)


def p_line(line: RightsLine | None) -> str:
    return "" if line is None else _line("PLine", line.year, display.p_text(line))


def c_line(line: RightsLine | None) -> str:
    return "" if line is None else _line("CLine", line.year, display.c_text(line))


def genre(text: str | None, sub_genre: str | None, draft: Draft) -> Children:
    return {draft.shape.genre: _genre(draft.shape.genre, text, sub_genre)}


def remarks(keywords: Iterable[str], comment: str | None) -> Children:
    return {
        "Keywords": leaves("Keywords", keywords),
        "MarketingComment": leaf("MarketingComment", comment),
    }


# Tracks of a release mostly say the same in these, so they are remembered.
@lru_cache(maxsize=1024)
def _shown_name(text: str, language: str | None, *, is_default: bool) -> str:
    where = DEFAULT if is_default else WORLD
    return leaf("DisplayArtistName", text, LanguageAndScriptCode=language, **where)


@lru_cache(maxsize=1024)
def _display_artist(
    n: int, reference: str, role: str, did: tuple[str, ...], has_value: bool
) -> str:
    return node(
        "DisplayArtist",
        leaf("ArtistPartyReference", reference),
        leaf("DisplayArtistRole", role),
        _roles("ArtisticRole", did, has_value),
        SequenceNumber=str(n),
    )


@lru_cache(maxsize=1024)
def _contributor(
    n: int, reference: str, did: tuple[str, ...], instruments: tuple[str, ...], has_value: bool
) -> str:
    return node(
        "Contributor",
        leaf("ContributorPartyReference", reference),
        _roles("Role", did, has_value),
        leaves("InstrumentType", instruments),
        SequenceNumber=str(n),
    )


@lru_cache(maxsize=1024)
def _line(name: str, year: int, text: str) -> str:
    return node(name, leaf("Year", year), leaf(f"{name}Text", text))


@lru_cache(maxsize=1024)
def _genre(name: str, text: str | None, sub_genre: str | None) -> str:
    return node(name, leaf("GenreText", text), leaf("SubGenre", sub_genre), **WORLD)


def _roles(name: str, values: Iterable[str], has_value: bool) -> str:
    if has_value:
        return "".join([node(name, leaf("Value", value)) for value in values])
    return leaves(name, values)


def _detailed(title: str, version: str | None, where: dict[str, str]) -> str:
    subtitle = leaf("SubTitle", version, SubTitleType="Version")
    return node("DisplayTitle", leaf("TitleText", title), subtitle, **where)
