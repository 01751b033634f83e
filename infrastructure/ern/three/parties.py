"""Parties, which ERN 3.8.x names in full wherever they appear."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from deadwax.domain.parties import Artist, ArtistName, Contributor, NamedParty
from deadwax.infrastructure.ern.display import artist_names
from deadwax.infrastructure.ern.three.roles import ARTIST_ROLES, WORK_ROLES
from deadwax.infrastructure.ern.write import leaf, leaves, node

# The same few people stand in each track of a release, and in each release of a label.
_remembered = lru_cache(maxsize=4096)


@_remembered
def names_and_ids(party: NamedParty) -> str:
    """The children that say who it is.

    Only ISNI and DPID have flags of their own; the other standards' numbers are told apart by a
    namespace, for which DDEX prescribes no value: the name of the standard.
    """
    return "".join(
        [
            node(
                "PartyName",
                leaf("FullName", party.name),
                leaf("FullNameAsciiTranscribed", party.ascii),
                leaf("FullNameIndexed", party.indexed),
            ),
            *(
                node(
                    "PartyName",
                    leaf("FullName", other.text),
                    leaf("FullNameIndexed", other.indexed),
                    LanguageAndScriptCode=other.language,
                )
                for other in party.names
            ),
            leaf("PartyId", party.isni, IsISNI="true"),
            leaf("PartyId", party.dpid, IsDPID="true"),
            leaf("PartyId", party.ipi, Namespace="IPI"),
            leaf("PartyId", party.ipn, Namespace="IPN"),
            *(leaf("PartyId", own.value, Namespace=own.namespace) for own in party.ids),
        ]
    )


@_remembered
def display_artists(artists: tuple[Artist, ...]) -> str:
    """Each artist with its place in the display name, its role there and what else it did."""
    return "".join(
        [
            node(
                "DisplayArtist",
                names_and_ids(artist),
                leaves("ArtistRole", _artist_roles(artist)),
                SequenceNumber=str(n),
            )
            for n, artist in enumerate(artists, start=1)
        ]
    )


@_remembered
def display_names(names: tuple[ArtistName, ...], artists: tuple[Artist, ...]) -> str:
    """As the label gives them, or made from the artists."""
    return "".join(
        [
            leaf("DisplayArtistName", text, LanguageAndScriptCode=language)
            for text, language in artist_names(artists, names)
        ]
    )


@_remembered
def contributors(
    people: tuple[Contributor, ...], artists: tuple[Artist, ...] = ()
) -> tuple[str, str]:
    """The ResourceContributors and the IndirectResourceContributors: each party once with all
    its roles (Release Profiles 1.4, 4.3). What an artist did that no DisplayArtist can be is
    credited here."""
    credited: dict[tuple[object, ...], _Credit] = {}
    for person in people:
        _credit(credited, person).add(person.roles, person.instruments)
    for artist in artists:
        if more := [role for role in artist.roles if role not in ARTIST_ROLES]:
            _credit(credited, artist).add(more)
    direct: list[str] = []
    indirect: list[str] = []
    for credit in credited.values():
        who = names_and_ids(credit.party)
        roles = [role for role in credit.roles if role not in WORK_ROLES]
        work_roles = [role for role in credit.roles if role in WORK_ROLES]
        if roles or credit.instruments:
            did = leaves("ResourceContributorRole", roles)
            did += leaves("InstrumentType", credit.instruments)
            direct.append(
                node("ResourceContributor", who, did, SequenceNumber=str(len(direct) + 1))
            )
        if work_roles:
            did = leaves("IndirectResourceContributorRole", work_roles)
            place = str(len(indirect) + 1)
            indirect.append(node("IndirectResourceContributor", who, did, SequenceNumber=place))
    return "".join(direct), "".join(indirect)


class _Credit:
    def __init__(self, party: NamedParty) -> None:
        self.party = party
        self.roles: dict[str, None] = {}
        self.instruments: dict[str, None] = {}

    def add(self, roles: Iterable[str], instruments: Iterable[str] = ()) -> None:
        self.roles |= dict.fromkeys(roles)
        self.instruments |= dict.fromkeys(instruments)


def _credit(credited: dict[tuple[object, ...], _Credit], party: NamedParty) -> _Credit:
    key = (party.name, party.isni, party.ipi, party.ipn, party.dpid, party.ids)
    found = credited.get(key)
    if found is None:
        found = credited[key] = _Credit(party)
    return found


def _artist_roles(artist: Artist) -> Iterable[str]:
    more = (role for role in artist.roles if role in ARTIST_ROLES)
    return dict.fromkeys((artist.role.value, *more))
