"""The ResourceGroup of both families: which recording stands where, and what is linked to it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from deadwax.application.imported import Fate
from deadwax.domain.identifiers import Isrc
from deadwax.domain.metadata import DiscTitle
from deadwax.domain.vocabulary import AttachmentKind
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import everywhere, flag, name

_FLAGS = {
    "IsHiddenResource": "hidden",
    "IsBonusResource": "bonus",
    "IsPreOrderIncentiveResource": "pre_order_incentive",
}
_INSTANT = "IsInstantGratificationResource"
MOTION_ART = ("Animation", "FrontCoverVideo")
"""VideoTypes that belong to a release and are no recordings; 4.3 has the second."""
_ITEM, _LINK = "ResourceGroupContentItem", "LinkedReleaseResourceReference"
# What a link says of the kind of what is linked, which that says itself.
_DESCRIBED = frozenset({"CoverArt", "Booklet", "Lyrics", "ImmersiveEdition", *AttachmentKind})
_TITLES = ("DisplayTitle", "AdditionalTitle", "GroupingTitle", "Title")


@dataclass(frozen=True)
class Place:
    """A recording at its place; `flags` are fields of a Track."""

    reference: str
    disc: int
    number: int
    flags: Mapping[str, bool]


@dataclass
class Places:
    """Recordings in their order, disc titles, and for each linked resource the reference of its
    recording, None if it belongs to the release. `instant` are the flags that say that a
    pre-order gives a recording at once."""

    items: list[Place] = field(default_factory=list)
    disc_titles: list[DiscTitle] = field(default_factory=list)
    links: dict[str, str | None] = field(default_factory=dict)
    instant: list[tuple[str, Cursor]] = field(default_factory=list)

    def linked(self, resources: Mapping[str, Cursor], recordings: Collection[str]) -> list[Cursor]:
        """What is linked beside recordings, in the order of its references: A2 before A10."""
        found = [key for key in self.links if key in resources and key not in recordings]
        return [resources[key] for key in sorted(found, key=_natural)]

    def hold_instant(self, isrcs: Mapping[str, Isrc | None], given: Collection[Isrc]) -> None:
        """Mark the flags that repeat what the deals say of the tracks."""
        for reference, cursor in self.instant:
            if isrcs.get(reference) in given:
                cursor.hold()


def places(root: Cursor | None, recordings: Mapping[str, Cursor]) -> Places:
    """`recordings` by reference; other content items are taken as linked."""
    found = Places()
    if root is None:
        return found
    disc = 0
    for group in (root, *_below(root)):
        if any(_reference(item) in recordings for item in group.children(_ITEM)):
            disc += 1
            _heading(disc, group, found)
        _content(disc, group, recordings, found)
        _links(group, None, found)
    return found


def _below(group: Cursor) -> Iterator[Cursor]:
    for child in group.children("ResourceGroup"):
        yield child
        yield from _below(child)


def _content(disc: int, group: Cursor, recordings: Mapping[str, Cursor], found: Places) -> None:
    number = 0
    for item in group.children(_ITEM):
        reference = item.child("ReleaseResourceReference")
        if reference is None:
            continue
        for kind in item.children("ResourceType"):
            kind.hold()
        reference.attribute("ReleaseResourceType")
        if _reference(item) not in recordings:
            found.links.setdefault(reference.text, None)
            continue
        if disc > 99 or number == 999:
            reference.note(Fate.NO_PLACE, "The model has 99 discs of 999 tracks.")
            continue
        number += 1
        if (stated := item.child("SequenceNumber")) is not None:
            stated.rebuilt(str(number))
        flags = {key: True for tag, key in _FLAGS.items() if flag(item.child(tag))}
        found.items.append(Place(reference.text, disc, number, flags))
        found.instant += [(reference.text, c) for c in item.children(_INSTANT)]
        _links(item, reference.text, found)


def _heading(disc: int, group: Cursor, found: Places) -> None:
    if (stated := group.child("SequenceNumber")) is not None:
        stated.rebuilt(str(disc))
    if (kind := group.get("ResourceGroupType")) is not None:
        group.rebuilt("Component" if kind == "Component" else None, "ResourceGroupType")
    titled = everywhere(group.children(*_TITLES))
    title = name(titled.child("TitleText")) if titled else None
    if titled is None or title is None:
        return
    if titled.get("TitleType") == "GroupingTitle":
        titled.attribute("TitleType")
    if titled.name != "Title" or title != f"Component {disc}":  # what 3.8.x calls it anyway
        found.disc_titles.append(DiscTitle(disc=disc, title=title))
    for shown in group.children("DisplayTitleText"):
        everywhere([shown])
        shown.rebuilt(title)


def _links(holder: Cursor, recording: str | None, found: Places) -> None:
    for link in holder.children(_LINK):
        reference = link.text
        described = link.get("LinkDescription")
        if described in _DESCRIBED:
            link.attribute("LinkDescription")
        if found.links.get(reference, recording) == recording:
            found.links[reference] = recording
            continue
        found.links[reference] = None
        if described != "CoverArt":  # a cover is linked anew anyway
            link.note(Fate.CHANGED, "It is linked to the release as a whole.")


def _natural(reference: str) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]+|[^0-9]+", reference)
    return [(len(part) if part.isdigit() else 0, part) for part in parts]


def _reference(item: Cursor) -> str:
    found = item.child("ReleaseResourceReference")
    return found.raw.strip() if found else ""
