"""Header, releases, what they play, and what the release profile asks of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from deadwax.infrastructure.ern.checks.message import Element, Message, text
from deadwax.infrastructure.ern.checks.profiles import PREFIXES, PROFILES, UNCHECKED
from deadwax.infrastructure.ern.checks.rule import NEW_RELEASE, Fault, rule
from deadwax.infrastructure.ern.findings import Severity
from deadwax.infrastructure.ern.versions import Family

_ANY: frozenset[str] = frozenset()
_THREE = frozenset({Family.THREE})
_PROFILES = "Release Profiles"
_IDS = ("GRid", "ICPN", "ISRC", "ProprietaryId")


@rule(
    "ern_message_id_missing",
    "DDEX Workbench",
    "Give each message an id that was never used.",
    families=frozenset(),
    messages=_ANY,
)
def message_id(message: Message) -> Iterator[Fault]:
    """A MessageId is not empty."""
    for element in message.all("MessageId"):
        if not text(element):
            yield element, "The MessageId is empty."


@rule(
    "ern_main_release",
    f"{_PROFILES} 1.4, 3.3",
    'Set IsMainRelease="true" on one release.',
    families=_THREE,
)
def main_release(message: Message) -> Iterator[Fault]:
    """Exactly one release is the main release."""
    found = len(message.main_releases)
    if found == 0:
        yield message.root, "No release is the main release."
    for release in message.main_releases[1:]:
        yield release, f"{found} releases are the main release."


@rule(
    "ern_release_id_missing",
    f"{_PROFILES} 7.3",
    "Give its GRid, ICPN or ProprietaryId.",
    messages=NEW_RELEASE | {"PurgeReleaseMessage"},
)
def release_id(message: Message) -> Iterator[Fault]:
    """The main release, and one that is purged, is identified."""
    purged = message.all("PurgedRelease")
    for release in (*message.main_releases, *purged):
        holders = release.findall("ReleaseId")
        if not any(id.findtext(name) for id in holders for name in _IDS):
            yield release, f"The release has none of {', '.join(_IDS)}."


@rule(
    "ern_track_release_missing",
    f"{_PROFILES} 6.1",
    "Give each primary resource exactly one track release.",
)
def track_releases(message: Message) -> Iterator[Fault]:
    """Each primary resource has one track release, whether that has deals or not."""
    if message.profile is None or not message.profile.tracks:
        return
    made = Counter(message.track_references)
    for item in message.primary_items:
        if made[text(item)] != 1:
            yield item, f"{text(item)} has {made[text(item)]} track releases."


@rule("ern_profile_resource", f"{_PROFILES}, table 1", "Link it to what is played instead.")
def primary_types(message: Message) -> Iterator[Fault]:
    """What a release plays fits its profile."""
    if message.profile is None:
        return
    for item in message.primary_items:
        resource = message.resources.get(text(item))
        if resource is not None and resource.tag not in message.profile.primary:
            words = f"{text(item)} is {resource.tag}, which {message.stated_profile} does not play."
            yield item, words


@rule("ern_profile_single", f"{_PROFILES} (simple singles)", "Use another profile.")
def single_items(message: Message) -> Iterator[Fault]:
    """A simple single plays one resource."""
    if message.profile is not None and message.profile.single and len(message.primary_items) != 1:
        words = f"The release plays {len(message.primary_items)} resources."
        yield next(iter(message.main_releases), message.root), words


@rule("ern_cover_missing", f"{_PROFILES}; dedex", "Add the front cover.")
def cover(message: Message) -> Iterator[Fault]:
    """There is the image that the profile asks for."""
    wanted = message.profile.covers if message.profile else frozenset()
    if not wanted:
        return
    types = {
        image.findtext("Type") or image.findtext("ImageType") for image in message.all("Image")
    }
    if not wanted & types:
        yield message.root, f"There is no {' or '.join(sorted(wanted))}."


@rule(
    "ern_profile_unknown",
    f"{_PROFILES} 1.4, 3.2",
    "State CommonReleaseTypes/14/ and the name of the profile.",
    severity=Severity.WARNING,
    families=_THREE,
)
def profile_known(message: Message) -> Iterator[Fault]:
    """A release profile that is stated is one of DDEX."""
    stated = message.stated_profile
    names = {prefix + name for prefix in PREFIXES for name in (*PROFILES, *UNCHECKED)}
    if stated and stated not in names:
        yield message.root, f"{stated!r} is no release profile."


@rule(
    "ern_profile_missing",
    f"{_PROFILES} 3.2",
    "State the release profile.",
    severity=Severity.WARNING,
)
def profile_stated(message: Message) -> Iterator[Fault]:
    """A message states its release profile; what depends on it is not checked otherwise."""
    if not message.stated_profile:
        yield message.root, "There is no ReleaseProfileVersionId."


@rule("ern_sequence_duplicate", "DDEX Workbench", "Number anew.")
def sequences(message: Message) -> Iterator[Fault]:
    """A number stands once in its group, for groups and for items."""
    places: dict[tuple[Element, str], list[tuple[str, Element]]] = {}
    for number, item in message.with_parents("SequenceNumber"):
        group = item.getparent()
        if group is not None and group.tag == "ResourceGroup":
            places.setdefault((group, str(item.tag)), []).append((text(number), item))
    for numbered in places.values():
        if len({number for number, _ in numbered}) < len(numbered):
            yield from _twice(numbered)


@rule(
    "ern_update_indicator",
    "XSD of ERN 3.8 (deprecated)",
    "Leave it out.",
    severity=Severity.WARNING,
    families=_THREE,
)
def update_indicator(message: Message) -> Iterator[Fault]:
    """UpdateIndicator is deprecated."""
    for element in message.all("UpdateIndicator"):
        if element.getparent() is message.root:
            yield element, "UpdateIndicator is deprecated."


def _twice(numbered: list[tuple[str, Element]]) -> Iterator[Fault]:
    """In 3.8.x a sub-number tells items of one number apart."""
    seen = set()
    for number, item in numbered:
        place = (number, item.findtext("SequenceSubNumber"))
        if place in seen:
            yield item, f"SequenceNumber {number} stands twice in its group."
        seen.add(place)


RULES = (
    message_id,
    main_release,
    release_id,
    track_releases,
    primary_types,
    single_items,
    cover,
    profile_known,
    profile_stated,
    sequences,
    update_indicator,
)
