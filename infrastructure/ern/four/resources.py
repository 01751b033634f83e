"""The ResourceList: recordings by kind, then what belongs to them."""

from __future__ import annotations

from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.ern.four import recordings, supplements
from deadwax.infrastructure.ern.four.draft import Draft
from deadwax.infrastructure.ern.write import node


def resource_list(draft: Draft) -> str:
    """In the order of the XSD: SoundRecording, Video, Image, Text."""
    tracks = draft.contents.recordings
    others = list(draft.contents.supplements)
    return node(
        "ResourceList",
        *[recordings.sound(r, draft) for r in tracks if not r.track.is_video],
        *[recordings.video(r, draft) for r in tracks if r.track.is_video],
        *[
            supplements.OF_KIND[kind](supplement, draft)
            for kind in (AssetKind.VIDEO, AssetKind.IMAGE, AssetKind.TEXT)
            for supplement in others
            if supplement.kind is kind
        ],
    )
