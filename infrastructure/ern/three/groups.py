"""The ResourceGroup: discs with their tracks in order, and what comes with the release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from deadwax.domain.metadata import ReleaseMetadata
from deadwax.infrastructure.ern.contents import Contents, Recording, Supplement
from deadwax.infrastructure.ern.offers import instant_tracks
from deadwax.infrastructure.ern.three.details import grouping_title
from deadwax.infrastructure.ern.three.supplements import ELEMENTS
from deadwax.infrastructure.ern.write import leaf, node

_PRIMARY, _SECONDARY = "PrimaryResource", "SecondaryResource"


@dataclass(frozen=True)
class Linked:
    """What belongs to one recording: its reference and what it is to it."""

    reference: str
    description: str


def linked(recording: Recording) -> list[Linked]:
    items = [Linked(s.reference, s.type) for s in recording.linked]
    if recording.immersive:
        items.insert(0, Linked(recording.immersive.reference, "ImmersiveEdition"))
    return items


def references(primary: Sequence[str], secondary: Sequence[str]) -> str:
    """The ReleaseResourceReferenceList."""
    return node(
        "ReleaseResourceReferenceList",
        *(_reference(reference, _PRIMARY) for reference in primary),
        *(_reference(reference, _SECONDARY) for reference in secondary),
    )


def of_release(release: ReleaseMetadata, contents: Contents) -> str:
    """One group per disc; secondary resources have no place in the sequence (Release Profiles
    1.4, 3.3.1). A disc without a title is called as in DDEX's samples."""
    titles = {disc.disc: disc.title for disc in release.disc_titles}
    gratified = instant_tracks(release.deals)
    discs = [
        node(
            "ResourceGroup",
            grouping_title(titles.get(disc, f"Component {disc}")),
            leaf("SequenceNumber", disc),
            *(_item(r, r.track.number, linked(r), r.track.isrc in gratified) for r in recordings),
        )
        for disc, recordings in groupby(contents.recordings, key=lambda r: r.track.disc)
    ]
    others = [_secondary(item) for item in (contents.cover, *contents.linked)]
    return node("ResourceGroup", *discs, *others)


def of_track(recording: Recording, links: Sequence[Linked]) -> str:
    return node("ResourceGroup", _item(recording, 1, links, False))


def _item(recording: Recording, number: int, links: Sequence[Linked], gratified: bool) -> str:
    track = recording.track
    flags = {
        "IsHiddenResource": track.hidden,
        "IsBonusResource": track.bonus,
        "IsInstantGratificationResource": gratified,
        "IsPreOrderIncentiveResource": track.pre_order_incentive,
    }
    return node(
        "ResourceGroupContentItem",
        leaf("SequenceNumber", number),
        leaf("ResourceType", "Video" if track.is_video else "SoundRecording"),
        _reference(recording.reference, _PRIMARY),
        *(
            leaf("LinkedReleaseResourceReference", link.reference, LinkDescription=link.description)
            for link in links
        ),
        *(leaf(name, True) for name, value in flags.items() if value),
    )


def _secondary(item: Supplement) -> str:
    return node(
        "ResourceGroupContentItem",
        leaf("ResourceType", ELEMENTS[item.kind]),
        _reference(item.reference, _SECONDARY),
    )


@lru_cache(maxsize=1024)
def _reference(reference: str, kind: str) -> str:
    return leaf("ReleaseResourceReference", reference, ReleaseResourceType=kind)
