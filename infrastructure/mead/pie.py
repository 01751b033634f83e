"""The PieMessage: the parties, each once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from deadwax.application.companions import CompanionSpec
from deadwax.domain.enrichment import Enrichment
from deadwax.domain.identifiers import Isrc
from deadwax.domain.parties import NamedParty
from deadwax.domain.party_enrichment import (
    Alias,
    Biography,
    PartyEnrichment,
    PartyEvent,
    PartyImage,
    PartyNameType,
    RelatedParty,
    SocialMedia,
    When,
)
from deadwax.domain.target import CompanionKind, Party
from deadwax.domain.texts import PartialDate
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.xml import Element, tag
from deadwax.infrastructure.mead.common import (
    document,
    focus,
    note,
    party_id,
    party_name,
    recording,
    term,
    texts,
)


def identity(party: NamedParty) -> tuple[object, ...]:
    """Equal for what is the same party: equal name and identifiers."""
    return party.name, party.isni, party.ipi, party.ipn, party.dpid, party.ids


def pie_message(spec: CompanionSpec, said: Enrichment) -> Element:
    """The message of a spec that has no problems and something to say of a party."""
    parties = said.parties
    references = {identity(party): f"P{n}" for n, party in enumerate(parties, start=1)}
    tracks = {t.isrc: t for t in spec.release.tracks if t.isrc is not None}
    message = document("PieMessage", spec, CompanionKind.PIE)
    message.append(
        tag("PartyList", *(_party(party, references, tracks, spec.sender) for party in parties))
    )
    return message


def _party(
    said: PartyEnrichment,
    references: Mapping[tuple[object, ...], str],
    tracks: Mapping[Isrc, Track],
    sender: Party,
) -> Element:
    return tag(
        "Party",
        tag("PartyReference", references[identity(said)]),
        party_id(said),
        *_party_names(said, said.types),
        *map(_alias, said.aliases),
        tag("PartyType", tag("Value", said.type.value)),
        *map(_event, said.events),
        *(_related(other, references) for other in said.related),
        *(focus(f, recording("FocusTrack", tracks[f.isrc])) for f in said.focus),
        None if said.biography is None else _biography(said.biography),
        *(_image(image, sender) for image in said.images),
        None if said.social_media is None else _social_media(said.social_media),
        *(note(n, sender) for n in said.notes),
    )


def _party_names(party: NamedParty, types: Iterable[PartyNameType]) -> list[Element]:
    """The name, then the same name in other languages and scripts."""
    names = [_typed(party_name(party), types)]
    for other in party.names:
        local = NamedParty(name=other.text, indexed=other.indexed)
        names.append(_typed(party_name(local), types, LanguageAndScriptCode=other.language))
    return names


def _alias(said: Alias) -> Element:
    name = party_name(NamedParty(name=said.name))
    name.extend(_validity(said.start, said.end))
    return _typed(name, said.types, LanguageAndScriptCode=said.language)


def _typed(name: Element, types: Iterable[PartyNameType], **attributes: str | None) -> Element:
    """The PartyName of PIE: its types stand before the name itself."""
    kinds = [tag("PartyNameType", kind.value) for kind in types]
    return tag("PartyName", *kinds, *name, **attributes)


def _event(said: PartyEvent) -> Element:
    return tag(
        "Event",
        *_dated("Date", said.on),
        *_dated("StartDate", said.start),
        *_dated("EndDate", said.end),
        tag("EventType", said.type.value),
    )


def _dated(name: str, said: When | None) -> list[Element]:
    if said is None:
        return []
    return [
        tag(
            name,
            said.date,
            IsApproximate="true" if said.approximate else None,
            ApplicableTerritoryCode=said.territory,
            LocationDescription=said.place,
        )
    ]


def _related(said: RelatedParty, references: Mapping[tuple[object, ...], str]) -> Element:
    """By reference if the other party is in the message, else by identifiers and name."""
    reference = references.get(identity(said))
    if reference is not None:
        who: list[Element | None] = [tag("PartyRelatedPartyReference", reference)]
    else:
        # One name only: what it is called elsewhere is for its own entry.
        who = [party_id(said), _typed(party_name(said), said.types)]
    return tag(
        "RelatedParty",
        tag("PartyRelationshipType", said.relationship),
        *who,
        *_validity(said.start, said.end),
    )


def _validity(start: PartialDate | None, end: PartialDate | None) -> list[Element]:
    if start is None and end is None:
        return []
    dates = (("StartDate", start), ("EndDate", end))
    return [tag("ValidityPeriod", *(tag(n, d) for n, d in dates if d is not None))]


def _biography(said: Biography) -> Element:
    author = (
        None if said.author is None else tag("Author", party_name(NamedParty(name=said.author)))
    )
    return tag("Biography", *texts("Text", said.texts), author)


def _image(said: PartyImage, sender: Party) -> Element:
    kinds = (term("ImageType", kind, sender) for kind in said.kinds)
    return tag("Image", tag("File", tag("URI", said.address)), *kinds)


def _social_media(said: SocialMedia) -> Element:
    return tag(
        "SocialMediaURL",
        said.address,
        LanguageCode=said.language,
        ApplicableTerritoryCode=said.territory,
    )
