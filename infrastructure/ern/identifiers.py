"""Identifiers and hash sums in a message: their syntax and check digits are in no XSD."""

from __future__ import annotations

import re
from collections.abc import Iterator

from deadwax.domain.errors import InvalidValue, Problem
from deadwax.domain.identifiers import Dpid, Grid, Icpn, IpiName, Isni, Isrc, Iswc
from deadwax.domain.values import Text
from deadwax.infrastructure.ern.xml import Element, problem_at

# The elements that hold each; a sender's or recipient's PartyId is a DPID.
_KINDS: dict[str, type[Text]] = {
    "ISRC": Isrc,
    "ICPN": Icpn,
    "GRid": Grid,
    "DPID": Dpid,
    "ISWC": Iswc,
    "ISNI": Isni,
    "IpiNameNumber": IpiName,
}
_DPID_PATHS = ("MessageHeader/MessageSender/PartyId", "MessageHeader/MessageRecipient/PartyId")

# Hexadecimal digits of each; other algorithms are left to the recipient.
_HASH_DIGITS = {"MD5": 32, "SHA1": 40, "SHA-256": 64, "SHA-512": 128}


def syntax(message: Element) -> Iterator[Problem]:
    for element in message.iter(*_KINDS):
        yield from _valid(element, _KINDS[str(element.tag)])
    for path in _DPID_PATHS:
        for element in message.iterfind(path):
            yield from _valid(element, Dpid)


def presence(message: Element) -> Iterator[Problem]:
    """Release Profiles 7.3 and 7.4."""
    for recording in message.iterfind("ResourceList/SoundRecording"):
        if recording.find(".//ResourceId/ISRC") is None:
            words = "The sound recording has no ISRC."
            yield problem_at("ern_isrc_missing", recording, words, "Give its ISRC.")
    for release in message.iterfind("ReleaseList/Release"):
        if not any(release.findtext(f"ReleaseId/{n}") for n in ("GRid", "ICPN", "ProprietaryId")):
            words = "The release has neither GRid, ICPN nor ProprietaryId."
            yield problem_at("ern_release_id_missing", release, words, "Give its ICPN.")


def hash_sums(message: Element) -> Iterator[Problem]:
    """Of the files that the message says are delivered, and of a manifest's messages."""
    for flag in message.iter("IsProvidedInDelivery"):
        holder = flag.getparent()
        provided = (flag.text or "").strip() in ("true", "1")
        if provided and holder is not None and holder.find("File/HashSum") is None:
            words = "A file is delivered without its hash sum."
            yield problem_at("ern_hash_missing", holder, words, "State its hash sum.")
    for element in message.iter("HashSum"):
        algorithm = _first(element, "Algorithm", "HashSumAlgorithmType")
        digits = _HASH_DIGITS.get(algorithm)
        if digits is None or _first(element, "DataType", "HashSumDataType") == "Binary64":
            continue
        if not re.fullmatch(f"[0-9a-fA-F]{{{digits}}}", _first(element, "HashSumValue")):
            words = f"The value is not a hexadecimal {algorithm}."
            yield problem_at("ern_hash_invalid", element, words, f"Give {digits} digits.")


RULES = (syntax, presence, hash_sums)


def _valid(element: Element, kind: type[Text]) -> Iterator[Problem]:
    try:
        kind((element.text or "").strip())
    except InvalidValue as invalid:
        yield problem_at(f"ern_{invalid.code}", element, str(invalid), invalid.fix)


def _first(parent: Element, *names: str) -> str:
    return next((t.strip() for n in names if (t := parent.findtext(n))), "")
