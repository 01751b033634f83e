"""The PartyList: every artist, contributor and label once, with stable references."""

from __future__ import annotations

from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.tenant import Label
from deadwax.infrastructure.ern.xml import Element, maybe, tag

LABEL = "PLabel"

_Key = tuple[str, str | None, str | None]


class Parties:
    """Numbered in the order in which the release first names them.

    Equal name and identifiers make one party. A name with an ISNI and the same name without
    one stay two: that they are the same person was not said.
    """

    def __init__(self, release: ReleaseMetadata, label: Label) -> None:
        self._label = label
        self._references: dict[_Key, str] = {}
        for person in _people(release):
            self._references.setdefault(_key(person), f"P{len(self._references) + 1}")

    def reference(self, person: Artist | Contributor) -> str:
        return self._references[_key(person)]

    def element(self) -> Element:
        people = (
            _party(reference, name, isni=isni, ipi=ipi)
            for (name, isni, ipi), reference in self._references.items()
        )
        return tag("PartyList", *people, _party(LABEL, self._label.name, dpid=self._label.dpid))


def _people(release: ReleaseMetadata) -> list[Artist | Contributor]:
    people: list[Artist | Contributor] = [*release.artists, *release.contributors]
    for track in release.in_order():
        people += [*track.artists, *track.contributors]
    return people


def _key(person: Artist | Contributor) -> _Key:
    return person.name, person.isni, person.ipi


def _party(
    reference: str,
    name: str,
    *,
    isni: str | None = None,
    dpid: str | None = None,
    ipi: str | None = None,
) -> Element:
    ids = None
    if isni or dpid or ipi:
        ids = tag("PartyId", maybe("ISNI", isni), maybe("DPID", dpid), maybe("IpiNameNumber", ipi))
    return tag(
        "Party",
        tag("PartyReference", reference),
        tag("PartyName", tag("FullName", name)),
        ids,
    )
