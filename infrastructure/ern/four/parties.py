"""The PartyList: every artist, contributor and label once, with stable references."""

from __future__ import annotations

from collections.abc import Iterator

from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import NamedParty, ProprietaryId
from deadwax.domain.tenant import Label
from deadwax.infrastructure.ern.write import leaf, node

LABEL = "PLabel"

_Key = tuple[object, ...]


class Parties:
    """Numbered in the order in which the release first names them.

    Equal name and identifiers make one party. A name with an ISNI and the same name without
    one stay two: that they are the same person was not said.
    """

    def __init__(self, release: ReleaseMetadata, label: Label) -> None:
        self._label = label
        self._references: dict[_Key, str] = {}
        self._people: list[NamedParty] = []
        for person in _people(release):
            key = _key(person)
            if key not in self._references:
                self._people.append(person)
                self._references[key] = f"P{len(self._people)}"

    def reference(self, person: NamedParty) -> str:
        return self._references[_key(person)]

    def element(self) -> str:
        people = [_party(f"P{n}", person) for n, person in enumerate(self._people, start=1)]
        name = node("PartyName", leaf("FullName", self._label.name))
        id = node("PartyId", leaf("DPID", self._label.dpid))
        return node("PartyList", *people, node("Party", leaf("PartyReference", LABEL), name, id))


def _people(release: ReleaseMetadata) -> Iterator[NamedParty]:
    yield from release.artists
    yield from release.contributors
    for track in release.in_order():
        yield from track.artists
        yield from track.contributors


def _key(person: NamedParty) -> _Key:
    return person.name, person.isni, person.ipi, person.ipn, person.dpid, person.ids


def _party(reference: str, person: NamedParty) -> str:
    names = [
        node(
            "PartyName",
            leaf("FullName", person.name),
            leaf("FullNameAsciiTranscribed", person.ascii),
            leaf("FullNameIndexed", person.indexed),
        )
    ]
    names += [
        node(
            "PartyName",
            leaf("FullName", local.text),
            leaf("FullNameIndexed", local.indexed),
            LanguageAndScriptCode=local.language,
        )
        for local in person.names
    ]
    ids = node(
        "PartyId",
        leaf("ISNI", person.isni),
        leaf("DPID", person.dpid),
        leaf("IpiNameNumber", person.ipi),
        leaf("IPN", person.ipn),
        proprietary_ids(person.ids),
    )
    return node("Party", leaf("PartyReference", reference), *names, ids)


def proprietary_ids(ids: tuple[ProprietaryId, ...]) -> str:
    return "".join([leaf("ProprietaryId", id.value, Namespace=id.namespace) for id in ids])
