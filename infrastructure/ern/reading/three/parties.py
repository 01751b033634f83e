"""Parties, which 3.8.x names in full wherever they appear."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from deadwax.application.imported import Fate
from deadwax.domain.parties import Artist, Contributor
from deadwax.domain.vocabulary import ArtistRole
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.people import artist, in_sequence, party_fields
from deadwax.infrastructure.ern.reading.values import term

_ROLES = ("ResourceContributorRole", "IndirectResourceContributorRole")


def artists(listed: Sequence[Cursor]) -> tuple[Artist, ...]:
    """The first role that a display artist can have is its role, the others what else it did."""
    known = {role.value for role in ArtistRole}
    found = []
    for cursor in in_sequence(listed):
        stated = cursor.children("ArtistRole")
        first = next((c for c in stated if c.raw.strip() in known), None)
        roles = [r for c in stated if not _same(c, first) and (r := term(c))]
        role = ArtistRole(first.text) if first else None
        if role is None:
            cursor.note(Fate.NO_PLACE, "The model needs a role that a display artist can have.")
        if (one := artist(party_fields(cursor), role, roles)) is not None:
            found.append(one)
    return tuple(found)


def contributors(listed: Sequence[Cursor]) -> tuple[Contributor, ...]:
    """Whoever contributed to the recording, or to the work in it, once with all roles."""
    found: dict[tuple[object, ...], Contributor] = {}
    direct = [c for c in listed if c.name == "ResourceContributor"]
    indirect = [c for c in listed if c.name != "ResourceContributor"]
    for cursor in (*in_sequence(direct), *in_sequence(indirect)):
        party = party_fields(cursor)
        if party is None:
            continue
        one = Contributor(
            **party,
            roles=tuple(dict.fromkeys(r for c in cursor.children(*_ROLES) if (r := term(c)))),
            instruments=tuple(i for c in cursor.children("InstrumentType") if (i := term(c))),
        )
        key = (one.name, one.isni, one.ipi, one.ipn, one.dpid, one.ids)
        before = found.get(key)
        found[key] = one if before is None else _both(before, one)
    return tuple(found.values())


def _both(one: Contributor, other: Contributor) -> Contributor:
    return replace(
        one,
        roles=tuple(dict.fromkeys((*one.roles, *other.roles))),
        instruments=tuple(dict.fromkeys((*one.instruments, *other.instruments))),
    )


def _same(one: Cursor, other: Cursor | None) -> bool:
    return other is not None and one.element is other.element
