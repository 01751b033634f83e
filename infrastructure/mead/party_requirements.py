"""What a party must have, and may not contradict, before a PieMessage is built."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.enrichment_terms import Term
from deadwax.domain.errors import Problem
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import NamedParty
from deadwax.domain.party_enrichment import PartyEnrichment, PartyEvent, PartyNameType
from deadwax.domain.texts import PartialDate
from deadwax.infrastructure.mead.common import party_id
from deadwax.infrastructure.mead.pie import identity
from deadwax.infrastructure.mead.rules import (
    focus_problems,
    note_problems,
    reversed_period,
    text_problems,
)
from deadwax.infrastructure.mead.terms import Terms

_RELATIONSHIPS = "PartyRelationshipType_PIE"


def party_problems(
    release: ReleaseMetadata, parties: tuple[PartyEnrichment, ...], terms: Terms
) -> Iterator[Problem]:
    described = {identity(party) for party in parties}
    about = _names(release) | {other.name for party in parties for other in party.related}
    recordings = {track.isrc for track in release.tracks}
    seen: set[tuple[object, ...]] = set()
    for i, party in enumerate(parties):
        at = f"enrichment.parties[{i}]"
        yield from _identified(party, at)
        if identity(party) in seen:
            yield Problem(
                "enriched_party_twice",
                at,
                f"{party.name} is described already.",
                "Say all of a party in one entry.",
            )
        seen.add(identity(party))
        if party.name not in about:
            yield Problem(
                "enriched_party_unknown",
                f"{at}.name",
                f"{party.name} is no artist or contributor of the release, nor related to one.",
                "Describe people of this release only.",
            )
        yield from _named(party, at)
        for j, event in enumerate(party.events):
            yield from _event(event, f"{at}.events[{j}]")
        yield from _related(party, described, at, terms)
        for j, focus in enumerate(party.focus):
            yield from focus_problems(focus, f"{at}.focus[{j}]")
            if focus.isrc not in recordings:
                yield Problem(
                    "focus_track_unknown",
                    f"{at}.focus[{j}].isrc",
                    f"No track of the release has the ISRC {focus.isrc}.",
                    "Give the ISRC of one of its tracks.",
                )
        if party.biography is not None:
            yield from text_problems(party.biography.texts, f"{at}.biography.texts")
        for j, image in enumerate(party.images):
            for k, kind in enumerate(image.kinds):
                yield from terms.problems(kind, "ImageType", f"{at}.images[{j}].kinds[{k}]")
        for j, note in enumerate(party.notes):
            yield from note_problems(note, f"{at}.notes[{j}]")


def _names(release: ReleaseMetadata) -> set[str]:
    people: list[NamedParty] = [*release.artists, *release.contributors]
    for track in release.tracks:
        people += [*track.artists, *track.contributors]
    return {person.name for person in people}


def _identified(party: NamedParty, at: str) -> Iterator[Problem]:
    if party_id(party) is None:
        yield Problem(
            "party_id_missing",
            at,
            f"{party.name} has no identifier, and PIE describes nobody without one.",
            "Give an ISNI, IPI name number, IPN, DPID or an identifier of your own.",
        )


def _named(party: PartyEnrichment, at: str) -> Iterator[Problem]:
    yield from _name_types(party.types, f"{at}.types", party.name)
    for i, alias in enumerate(party.aliases):
        where = f"{at}.aliases[{i}]"
        yield from _name_types(alias.types, f"{where}.types", alias.name)
        yield from _period(alias.start, alias.end, where)


def _name_types(types: tuple[PartyNameType, ...], field: str, name: str) -> Iterator[Problem]:
    if not types or len(set(types)) < len(types):
        yield Problem(
            "name_type_missing" if not types else "name_type_twice",
            field,
            f"What kind of name {name} is must be said, each kind once.",
            f"Give one or more of {', '.join(PartyNameType)}.",
        )


def _event(event: PartyEvent, at: str) -> Iterator[Problem]:
    period = event.start is not None or event.end is not None
    if (event.on is not None) == period:
        yield Problem(
            "event_date_missing" if not period else "event_date_contradicts",
            at,
            "An event has a date, or a start or end.",
            "Give on, or start and end.",
        )
    if event.start is not None and event.end is not None:
        yield from _period(event.start.date, event.end.date, at)


def _related(
    party: PartyEnrichment, described: set[tuple[object, ...]], at: str, terms: Terms
) -> Iterator[Problem]:
    for i, other in enumerate(party.related):
        where = f"{at}.related[{i}]"
        relationship = Term(value=other.relationship)
        for problem in terms.problems(relationship, _RELATIONSHIPS, f"{where}.relationship"):
            fix = f"Use a word of DDEX's {_RELATIONSHIPS}, such as HasMember or IsMemberOf."
            yield Problem(problem.code, f"{where}.relationship", problem.message, fix)
        if identity(other) == identity(party):
            yield Problem(
                "party_related_to_itself",
                where,
                f"{party.name} is not somebody else.",
                "Name the other party.",
            )
        elif identity(other) not in described:
            yield from _name_types(other.types, f"{where}.types", other.name)
        yield from _period(other.start, other.end, where)


def _period(start: PartialDate | None, end: PartialDate | None, at: str) -> Iterator[Problem]:
    """Compared as far as both are known: 1993-12 may be before 1993."""
    if start is not None and end is not None:
        known = min(len(start), len(end))
        if end[:known] < start[:known]:
            yield reversed_period(at, start, end)
