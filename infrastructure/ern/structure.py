"""Rules on how the parts of a message hang together, which libxml2 does not check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from deadwax.domain.errors import Problem
from deadwax.infrastructure.ern.xml import Element, problem_at

# Every xs:ID of ERN 4.3. Whatever else is called …Reference points at one of them, except
# DealReference, which names a contract.
_ANCHORS = frozenset(
    {
        "PartyReference",
        "ResourceReference",
        "TechnicalResourceDetailsReference",
        "ReleaseReference",
        "VisibilityReference",
        "ChapterReference",
        "CueSheetReference",
    }
)
_NOT_POINTERS = _ANCHORS | {"DealReference"}
_AUDIO = ("Audio", "SimpleAudioSingle")
_WITH_TRACK_RELEASES = ("Audio", "Video", "MixedMedia")


def references(message: Element) -> Iterator[Problem]:
    seen: dict[str, Element] = {}
    for anchor in message.iter(*_ANCHORS):
        name = _own(anchor)
        if name in seen:
            words = f"{name} is also the reference in line {seen[name].sourceline}."
            yield problem_at("ern_reference_duplicate", anchor, words, "Give it one of its own.")
        seen[name] = anchor
    for pointer in message.iter():
        if _is_pointer(pointer) and _own(pointer) not in seen:
            words = f"Nothing in the message has the reference {_own(pointer)!r}."
            yield problem_at("ern_reference_dangling", pointer, words, "Refer to what is there.")


def resources_used(message: Element) -> Iterator[Problem]:
    used = {_own(e) for e in message.iterfind("ReleaseList//*") if _is_pointer(e)}
    for anchor in message.iterfind("ResourceList/*/ResourceReference"):
        if _own(anchor) not in used:
            words = f"No release uses the resource {_own(anchor)}."
            yield problem_at("ern_resource_unused", anchor, words, "Use it or leave it out.")


def track_releases(message: Element) -> Iterator[Problem]:
    """One per primary resource, whether it has deals or not (Release Profiles 6.1)."""
    if _profile(message) not in _WITH_TRACK_RELEASES:
        return
    made = Counter(
        _own(e) for e in message.iterfind("ReleaseList/TrackRelease/ReleaseResourceReference")
    )
    for item in _primary_items(message):
        if made[_own(item)] != 1:
            words = f"{_own(item)} has {made[_own(item)]} track releases."
            yield problem_at("ern_track_release_missing", item, words, "Give it exactly one.")


def primary_resources(message: Element) -> Iterator[Problem]:
    """What an audio release sequences are recordings."""
    if _profile(message) not in _AUDIO:
        return
    recordings = _texts(message, "ResourceList/SoundRecording/ResourceReference")
    for item in _primary_items(message):
        if _own(item) not in recordings:
            words = f"{_own(item)} is no sound recording."
            yield problem_at("ern_primary_not_recording", item, words, "Link other resources.")


def cover(message: Element) -> Iterator[Problem]:
    types = _texts(message, "ResourceList/Image/Type")
    if _profile(message) in _AUDIO and "FrontCoverImage" not in types:
        yield problem_at(
            "ern_cover_missing", message, "There is no FrontCoverImage.", "Add the front cover."
        )


def sequences(message: Element) -> Iterator[Problem]:
    for group in message.iter("ResourceGroup"):
        for kind in ("ResourceGroup", "ResourceGroupContentItem"):
            seen: set[str] = set()
            for number in group.iterfind(f"{kind}/SequenceNumber"):
                if _own(number) in seen:
                    words = f"SequenceNumber {_own(number)} stands twice in its group."
                    yield problem_at("ern_sequence_duplicate", number, words, "Number anew.")
                seen.add(_own(number))


def deals(message: Element) -> Iterator[Problem]:
    """Without any deal it is a takedown, and a takedown delivers nothing.

    DDEX has audio services answer NoDealForTrackRelease; for other profiles its own samples
    leave the tracks without deals.
    """
    if message.find("DealList") is None:
        for flag in message.iter("IsProvidedInDelivery"):
            if _own(flag) in ("true", "1"):
                words = "A file is delivered, but there is no deal for anything."
                yield problem_at("ern_deal_missing", flag, words, "Add the deals.")
        return
    with_deal = _texts(message, "DealList/ReleaseDeal/DealReleaseReference")
    kinds = ("Release", "TrackRelease") if _profile(message) in _AUDIO else ("Release",)
    for kind in kinds:
        for anchor in message.iterfind(f"ReleaseList/{kind}/ReleaseReference"):
            if _own(anchor) not in with_deal:
                words = f"The release {_own(anchor)} has no deal."
                yield problem_at("ern_deal_missing", anchor, words, "Add one.")


def message_id(message: Element) -> Iterator[Problem]:
    yield from _message_ids(message, message.iterfind("MessageHeader"))


def manifest(message: Element) -> Iterator[Problem]:
    batch = message.findall("MessageInBatch")
    yield from _message_ids(message, batch)
    for number in message.iterfind("NumberOfMessages"):
        if _own(number) != str(len(batch)):
            words = f"NumberOfMessages is {_own(number)}, the batch lists {len(batch)}."
            yield problem_at("ern_manifest_count", number, words, "Count them.")


RULES = (
    message_id,
    references,
    resources_used,
    track_releases,
    primary_resources,
    cover,
    sequences,
    deals,
)


def _message_ids(message: Element, holders: Iterable[Element]) -> Iterator[Problem]:
    for holder in holders:
        if not (holder.findtext("MessageId") or "").strip():
            words = "There is no MessageId."
            yield problem_at("ern_message_id_missing", holder, words, "Give it a unique one.")


def _profile(message: Element) -> str | None:
    return message.get("ReleaseProfileVersionId")


def _primary_items(message: Element) -> Iterator[Element]:
    return message.iterfind(
        "ReleaseList/Release//ResourceGroupContentItem/ReleaseResourceReference"
    )


def _is_pointer(element: Element) -> bool:
    name = element.tag
    if not isinstance(name, str) or name in _NOT_POINTERS:
        return False
    return name.endswith("Reference") or name == "DisplayCreditParty"


def _texts(message: Element, path: str) -> set[str]:
    return {_own(e) for e in message.iterfind(path)}


def _own(element: Element) -> str:
    return (element.text or "").strip()
