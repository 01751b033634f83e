"""The PartyList of 4.x: whoever is referred to is read; the others stay unread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.identifiers import Dpid
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.tenant import Label
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import ArtistRole
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.people import artist, in_sequence, party_fields
from deadwax.infrastructure.ern.reading.values import (
    choice,
    everywhere,
    identifier,
    name,
    term,
    worldwide,
)


class Parties:
    def __init__(self, message: Cursor) -> None:
        self._by_reference = {
            reference.raw.strip(): party
            for party in message.at("PartyList/Party")
            for reference in party.children("PartyReference")
        }

    def artists(self, listed: Sequence[Cursor]) -> tuple[Artist, ...]:
        found = []
        for cursor in in_sequence(listed):
            party = self._named(cursor.child("ArtistPartyReference"))
            role = choice(cursor.child("DisplayArtistRole"), ArtistRole)
            roles = [r for c in cursor.children("ArtisticRole") if (r := term(_value(c)))]
            if (one := artist(party, role, roles)) is not None:
                found.append(one)
        return tuple(found)

    def contributors(self, listed: Sequence[Cursor]) -> tuple[Contributor, ...]:
        found = []
        for cursor in in_sequence(listed):
            party = self._named(cursor.child("ContributorPartyReference"))
            roles = [r for c in cursor.children("Role") if (r := term(_value(c)))]
            played = [*cursor.children("InstrumentType"), *cursor.at("Role/InstrumentType")]
            instruments = [i for c in played if (i := term(c))]
            if party is not None:
                found.append(
                    Contributor(
                        **party,
                        roles=tuple(dict.fromkeys(roles)),
                        instruments=tuple(dict.fromkeys(instruments)),
                    )
                )
        return tuple(found)

    def label(self, references: Sequence[Cursor]) -> Label | None:
        """The label that holds everywhere; others stay unread."""
        reference = everywhere(references)
        party = self._party(reference)
        if party is None:
            return None
        shown = next((n for c in party.at("PartyName/FullName") if (n := name(c))), None)
        if shown is None:
            party.note(Fate.NO_PLACE, "The model needs a name.")
            return None
        ids = party.at("PartyId/DPID")
        dpid: Dpid | None = identifier(ids[0], "dpid") if ids else None
        return Label(name=Name(shown), dpid=dpid)

    def is_same(self, references: Sequence[Cursor], label: Label | None) -> bool:
        """Whether these name that label and no other; marks them if so."""
        for reference in references:
            party = self._by_reference.get(reference.raw.strip())
            names = [c.raw.strip() for c in party.at("PartyName/FullName")] if party else []
            if label is None or label.name not in names:
                return False
            reference.hold()
            worldwide(reference)
        return True

    def _named(self, reference: Cursor | None) -> dict[str, Any] | None:
        party = self._party(reference)
        return None if party is None else party_fields(party)

    def _party(self, reference: Cursor | None) -> Cursor | None:
        if reference is None:
            return None
        party = self._by_reference.get(reference.text)
        if party is None:
            reference.note(Fate.INVALID, "There is no such party.")
            return None
        if (own := party.child("PartyReference")) is not None:
            own.hold()
        return party


def _value(role: Cursor) -> Cursor:
    """From 4.3.2 on the word stands in an element of its own."""
    return role.child("Value") or role
