"""The ResourceGroup of 4.x: which recording stands where, and what is linked to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from deadwax.application.imported import Fate
from deadwax.domain.metadata import DiscTitle
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import everywhere, flag, name

_FLAGS = {
    "IsHiddenResource": "hidden",
    "IsBonusResource": "bonus",
    "IsPreOrderIncentiveResource": "pre_order_incentive",
}
_LINK = "LinkedReleaseResourceReference"


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
    recording, None if it belongs to the release."""

    items: list[Place] = field(default_factory=list)
    disc_titles: list[DiscTitle] = field(default_factory=list)
    links: dict[str, str | None] = field(default_factory=dict)


def places(root: Cursor | None, recordings: Mapping[str, Cursor]) -> Places:
    """`recordings` by reference: other content items are taken as linked."""
    found = Places()
    if root is None:
        return found
    discs = list(_discs(root))
    for disc, group in enumerate(discs, start=1):
        _disc(disc, group, recordings, found)
    with_content = {group.element for group in discs}
    for group in (root, *_below(root)):
        if group.element not in with_content:
            _links(group, None, found)
    return found


def _discs(root: Cursor) -> Iterator[Cursor]:
    """The groups with content of their own; what lies deeper than discs is counted along."""
    if root.child("ResourceGroupContentItem") is not None:
        yield root
    for group in _below(root):
        if group.child("ResourceGroupContentItem") is not None:
            yield group


def _below(group: Cursor) -> Iterator[Cursor]:
    for child in group.children("ResourceGroup"):
        yield child
        yield from _below(child)


def _disc(disc: int, group: Cursor, recordings: Mapping[str, Cursor], found: Places) -> None:
    _heading(disc, group, found)
    number = 0
    for item in group.children("ResourceGroupContentItem"):
        reference = item.child("ReleaseResourceReference")
        if reference is None:
            continue
        if reference.raw.strip() not in recordings:
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
        _links(item, reference.raw.strip(), found)
    _links(group, None, found)


def _heading(disc: int, group: Cursor, found: Places) -> None:
    if (stated := group.child("SequenceNumber")) is not None:
        stated.rebuilt(str(disc))
    if (kind := group.get("ResourceGroupType")) is not None:
        group.rebuilt("Component" if kind == "Component" else None, "ResourceGroupType")
    titled = everywhere(group.children("DisplayTitle", "AdditionalTitle"))
    if titled is not None and (title := name(titled.child("TitleText"))) is not None:
        found.disc_titles.append(DiscTitle(disc=disc, title=title))
        for shown in group.children("DisplayTitleText"):
            everywhere([shown])
            shown.rebuilt(title)


def _links(holder: Cursor, recording: str | None, found: Places) -> None:
    for link in holder.children(_LINK):
        reference = link.text
        described = link.get("LinkDescription")
        if described == "CoverArt" or (described and recording):
            link.attribute("LinkDescription")
        if found.links.get(reference, recording) != recording:
            found.links[reference] = None
            if described != "CoverArt":  # a cover is linked anew anyway
                link.note(Fate.CHANGED, "It is linked to the release as a whole.")
        else:
            found.links[reference] = recording
