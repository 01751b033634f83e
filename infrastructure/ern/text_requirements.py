"""Texts and references of a release that contradict each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import ArtistName, Contributor
from deadwax.domain.territories import COUNTRIES
from deadwax.domain.texts import Language
from deadwax.domain.tracks import LocalTitle, TerritoryWarning


def problems(release: ReleaseMetadata) -> Iterator[Problem]:
    yield from _of(release.titles, release.artist_names, release.parental_warnings, "", release)
    yield from _contributors(release.contributors, "contributors")
    for i, track in enumerate(release.tracks):
        at = f"tracks[{i}]."
        yield from _of(track.titles, track.artist_names, track.parental_warnings, at, release)
        yield from _contributors(track.contributors, f"{at}contributors")
    yield from _discs(release)
    yield from _related(release)
    yield from _own_ids(release)


def _of(
    titles: tuple[LocalTitle, ...],
    names: tuple[ArtistName, ...],
    warnings: tuple[TerritoryWarning, ...],
    at: str,
    release: ReleaseMetadata,
) -> Iterator[Problem]:
    for i in _repeated([str(release.language), *(title.language for title in titles)]):
        yield Problem(
            "title_language_twice",
            f"{at}titles[{i - 1}].language",
            f"There is a title in {titles[i - 1].language} already.",
            "Give one title per language; the main one is in that of the release.",
        )
    for i in _repeated([name.language for name in names]):
        yield Problem(
            "artist_name_language_twice",
            f"{at}artist_names[{i}].language",
            f"There is such a name in {_in(names[i].language)} already.",
            "Give one per language.",
        )
    seen: set[str] = set()
    for i, warning in enumerate(warnings):
        countries = warning.territories.countries()
        if countries == COUNTRIES:
            yield Problem(
                "warning_for_the_world",
                f"{at}parental_warnings[{i}].territories",
                "It holds in the whole world, as the general one does.",
                "Give it as parental_warning, or name the territories in which it differs.",
            )
        if twice := sorted(countries & seen):
            yield Problem(
                "warning_territory_twice",
                f"{at}parental_warnings[{i}].territories",
                f"{twice[0]} has a parental warning already.",
                "Give one per territory.",
            )
        seen |= countries


def _contributors(people: tuple[Contributor, ...], field: str) -> Iterator[Problem]:
    for i, person in enumerate(people):
        if not person.roles:
            yield Problem(
                "contributor_role_missing",
                f"{field}[{i}].roles",
                f"{person.name} has no role.",
                "Name at least one DDEX ContributorRole.",
            )


def _discs(release: ReleaseMetadata) -> Iterator[Problem]:
    discs = {track.disc for track in release.tracks}
    twice = set(_repeated([title.disc for title in release.disc_titles]))
    for i, title in enumerate(release.disc_titles):
        if title.disc not in discs or i in twice:
            said = "has a title already" if i in twice else "has no tracks"
            yield Problem(
                "disc_title_misplaced",
                f"disc_titles[{i}].disc",
                f"Disc {title.disc} {said}.",
                "Give one title per disc.",
            )


def _related(release: ReleaseMetadata) -> Iterator[Problem]:
    for i, related in enumerate(release.related):
        if not (related.icpn or related.grid or related.isrc or related.ids):
            yield Problem(
                "related_release_unidentified",
                f"related[{i}]",
                "It is not said which release it is.",
                "Give its ICPN, GRid or an identifier of your own.",
            )


def _own_ids(release: ReleaseMetadata) -> Iterator[Problem]:
    """Two resources of a message cannot have one identifier."""
    ids = [release.cover_id, *(attachment.id for attachment in release.attachments)]
    given = [(i, id) for i, id in enumerate(ids) if id is not None]
    for n in _repeated([id for _, id in given]):
        i, id = given[n]
        yield Problem(
            "resource_id_twice",
            f"attachments[{i - 1}].id",
            f"{id.value} is the identifier of another file of the release.",
            "Give each its own, or none.",
        )


def _repeated(values: Iterable[object]) -> Iterator[int]:
    """Where a value stands that was there before."""
    seen: set[object] = set()
    for i, value in enumerate(values):
        if value in seen:
            yield i
        seen.add(value)


def _in(language: Language | None) -> str:
    return "no language" if language is None else str(language)
