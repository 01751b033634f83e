"""Identifiers in a message: their syntax and check digits are in no XSD."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Ipn, Isni, Isrc, Iswc
from deadwax.domain.values import Text
from deadwax.infrastructure.ern.checks.message import Element, Message, parent_tag, text
from deadwax.infrastructure.ern.checks.rule import Fault, Rule, rule

_ANY: frozenset[str] = frozenset()
_INVALID = "ErncFileStatus IdentifierInvalid"
_SYNTAX = "ErncFileStatus IdentifierSyntaxInvalid"
_TRUE = ("true", "1")
# Where a PartyId is a DPID without saying so.
_HEADER = ("MessageSender", "MessageRecipient", "SentOnBehalfOf")


def _rule_of(kind: type[Text], name: str, document: str) -> Rule:
    def find(message: Message) -> Iterator[Fault]:
        return _faults(kind, message.all(name))

    find.__doc__ = (kind.__doc__ or "").partition("\n\n")[0]
    return rule(f"ern_{kind.code}", document, kind.fix, families=frozenset(), messages=_ANY)(find)


def _party_rule(kind: type[Text], name: str, says: Callable[[Element], bool]) -> Rule:
    def find(message: Message) -> Iterator[Fault]:
        parties = (e for e in message.all("PartyId") if len(e) == 0 and says(e))
        return _faults(kind, (*message.all(name), *parties))

    find.__doc__ = (kind.__doc__ or "").partition("\n\n")[0]
    return rule(f"ern_{kind.code}", _INVALID, kind.fix, families=frozenset(), messages=_ANY)(find)


def _says_dpid(party: Element) -> bool:
    if party.get("IsDPID") in _TRUE:
        return True
    other = party.get("IsISNI") in _TRUE or party.get("Namespace")
    return not other and parent_tag(party) in _HEADER


def _says_isni(party: Element) -> bool:
    return party.get("IsISNI") in _TRUE


@rule("ern_isrc_missing", "Release Profiles 7.4", "Give its ISRC.")
def isrc_present(message: Message) -> Iterator[Fault]:
    """What a release plays, and every sound recording, has an ISRC; a ringtone or a long-form
    video may have a ProprietaryId instead.
    """
    needs_isrc = message.profile is None or message.profile.isrc
    identified = {_identified(isrc) for isrc in message.all("ISRC")}
    played = {text(item) for item in message.primary_items}
    for reference, resource in message.resources.items():
        if resource in identified or not _needs_id(resource, reference in played):
            continue
        if needs_isrc or resource.find(".//ProprietaryId") is None:
            yield resource, f"The {resource.tag} {reference} has no ISRC."


def _needs_id(resource: Element, is_played: bool) -> bool:
    return resource.tag == "SoundRecording" or (resource.tag == "Video" and is_played)


def _identified(isrc: Element) -> Element | None:
    """The resource whose own identifier it is, not that of something related."""
    holder = isrc.getparent()
    if holder is None or holder.tag not in ("ResourceId", "SoundRecordingId", "VideoId"):
        return None
    above = holder.getparent()
    if above is not None and str(above.tag).endswith("Edition"):
        return above.getparent()
    return above


def _faults(kind: type[Text], elements: Iterator[Element] | tuple[Element, ...]) -> Iterator[Fault]:
    for element in elements:
        if words := _wrong(kind, text(element)):
            yield element, words


@lru_cache(4096)
def _wrong(kind: type[Text], value: str) -> str:
    """What is wrong with a value; empty if nothing. The same parties come again and again."""
    try:
        kind(value)
    except InvalidValue as invalid:
        return str(invalid)
    return ""


RULES = (
    _rule_of(Isrc, "ISRC", _SYNTAX),
    _rule_of(Icpn, "ICPN", _INVALID),
    _rule_of(Grid, "GRid", _INVALID),
    _rule_of(Iswc, "ISWC", _INVALID),
    _rule_of(IpiName, "IpiNameNumber", _INVALID),
    _rule_of(Ipn, "IPN", _SYNTAX),
    _party_rule(Isni, "ISNI", _says_isni),
    _party_rule(Dpid, "DPID", _says_dpid),
    isrc_present,
)
