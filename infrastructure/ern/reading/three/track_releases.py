"""Track releases of 3.8.x: what they say of their recording, and of the release, again."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.three.territories import (
    Details,
    held_statements,
    hold_repeats,
)

# What is made from the references of the message, and from the place on the main release.
_POINTERS = (
    "ReleaseReference",
    "ReleaseResourceReferenceList/ReleaseResourceReference",
)
_PLACE = (
    "SequenceNumber",
    "ResourceType",
    "ReleaseResourceReference",
    "LinkedReleaseResourceReference",
    "IsHiddenResource",
    "IsBonusResource",
    "IsInstantGratificationResource",
    "IsPreOrderIncentiveResource",
)
_TYPES = {False: "TrackRelease", True: "VideoTrackRelease"}


def hold_track_release(
    single: Cursor,
    own: Details,
    track: Track,
    recording: Cursor,
    recorded: Details,
    main: AbstractSet[object],
) -> None:
    """Mark what is held as part of the recording or of the main release, of which `main` has
    the statements; what a track release says otherwise stays unread."""
    for path in _POINTERS:
        for pointer in single.at(path):
            pointer.hold("ReleaseResourceType")
    for isrc in single.at("ReleaseId/ISRC"):
        isrc.rebuilt(track.isrc)
    for kind in single.children("ReleaseType"):
        kind.rebuilt(_TYPES[track.is_video])
    held = main | held_statements(recording, recorded.general)
    hold_repeats(single, held)
    if own.general is None:
        return
    hold_repeats(own.general, held)
    groups = [*own.general.children("ResourceGroup"), *own.other_children("ResourceGroup")]
    for group in groups:
        _hold_group(group)
    own.warnings()
    own.hold_repeats()


def _hold_group(group: Cursor) -> None:
    """One item: the recording, with what is linked to it, as in the main release."""
    items = group.children("ResourceGroupContentItem")
    if len(items) == 1 and not group.children("ResourceGroup"):
        for child in items[0].children(*_PLACE):
            child.hold("ReleaseResourceType", "LinkDescription")
