"""Names and identifiers of a party, which both families write alike, but for the identifiers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from deadwax.application.imported import Fate
from deadwax.domain.parties import Artist, ArtistName, LocalName
from deadwax.domain.vocabulary import ArtistRole
from deadwax.infrastructure.ern.display import display_name
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import (
    identifier,
    language_of,
    name,
    own_language,
    proprietary_ids,
    worldwide,
)

_NEEDS_NAME = "The model needs a name."
# How 3.8.x tells identifiers apart: an attribute of its own, or a well-known namespace.
_FLAGS = {"IsDPID": "dpid", "IsISNI": "isni"}
_NAMESPACES = {"IPI": "ipi", "ISNI": "isni", "IPN": "ipn", "DPID": "dpid"}
_DETAILED = {"ISNI": "isni", "DPID": "dpid", "IpiNameNumber": "ipi", "IPN": "ipn"}


def party_fields(party: Cursor) -> dict[str, Any] | None:
    """The arguments of a NamedParty; None, and noted, if it has no name."""
    names = party.children("PartyName")
    default = _default(names)
    shown = name(default.child("FullName")) if default else None
    if default is None or shown is None:
        party.note(Fate.NO_PLACE, _NEEDS_NAME)
        return None
    worldwide(default)
    own_language(default)
    others = [_local_name(n) for n in names if n.element is not default.element]
    return {
        "name": shown,
        "indexed": name(default.child("FullNameIndexed")),
        "ascii": name(default.child("FullNameAsciiTranscribed")),
        "names": tuple(other for other in others if other),
        **party_ids(party.children("PartyId")),
    }


def party_ids(holders: Sequence[Cursor]) -> dict[str, Any]:
    """The identifiers of a party as arguments of a NamedParty: composites in 4.x, texts with
    attributes in 3.8.x."""
    found: dict[str, Any] = {}
    own: list[Cursor] = []
    for holder in holders:
        for tag, kind in _DETAILED.items():
            if (child := holder.child(tag)) is not None:
                _keep(found, kind, child)
        own += holder.children("ProprietaryId")
        if not holder.children():
            _plain_id(holder, found, own)
    return {**found, "ids": proprietary_ids(own)}


def display_names(listed: Sequence[Cursor], artists: Sequence[Artist]) -> tuple[ArtistName, ...]:
    """How the artists are shown; empty where that is what would be made from them anyway."""
    found = []
    for cursor in sorted(listed, key=lambda c: c.get("IsDefault") not in ("true", "1")):
        text = name(cursor)
        if text is not None:
            worldwide(cursor)
            found.append(ArtistName(text=text, language=language_of(cursor)))
    if len(found) == 1 and found[0].language is None and found[0].text == display_name(artists):
        return ()
    return tuple(found)


def in_sequence(listed: Sequence[Cursor]) -> list[Cursor]:
    """By their SequenceNumber, which is rebuilt as 1, 2, 3, …"""
    numbered = sorted(listed, key=_place)
    for n, cursor in enumerate(numbered, start=1):
        cursor.rebuilt(str(n), "SequenceNumber")
    return numbered


def artist(party: Mapping[str, Any] | None, role: ArtistRole | None, roles: Any) -> Artist | None:
    if party is None or role is None:
        return None
    return Artist(**party, role=role, roles=tuple(roles))


def _default(names: Sequence[Cursor]) -> Cursor | None:
    ranked = sorted(
        names,
        key=lambda n: (
            n.get("IsDefault") not in ("true", "1"),
            n.get("LanguageAndScriptCode") is not None,
        ),
    )
    return ranked[0] if ranked else None


def _local_name(cursor: Cursor) -> LocalName | None:
    if cursor.get("LanguageAndScriptCode") is None:
        return None
    language, text = language_of(cursor), name(cursor.child("FullName"))
    if language is None or text is None:
        return None
    worldwide(cursor)
    return LocalName(language=language, text=text, indexed=name(cursor.child("FullNameIndexed")))


def _plain_id(holder: Cursor, found: dict[str, Any], own: list[Cursor]) -> None:
    """A PartyId of 3.8.x."""
    flagged = [kind for flag, kind in _FLAGS.items() if holder.get(flag) in ("true", "1")]
    namespace = holder.get("Namespace")
    kind = flagged[0] if flagged else _NAMESPACES.get(namespace or "DPID")
    if kind is None:
        own.append(holder)
        return
    for attribute in (*_FLAGS, "Namespace"):
        if holder.get(attribute) is not None:
            holder.attribute(attribute)
    _keep(found, kind, holder)


def _keep(found: dict[str, Any], kind: str, cursor: Cursor) -> None:
    """One identifier of a kind; a second stays unread, and so is reported."""
    if kind not in found and (value := identifier(cursor, kind)) is not None:
        found[kind] = value


def _place(cursor: Cursor) -> int:
    text = cursor.get("SequenceNumber") or ""
    return int(text) if text.isdigit() and len(text) < 10 else 10**9
