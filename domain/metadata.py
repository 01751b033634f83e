"""What a label says about a release: the values that messages are built from.

Everything a draft may still lack is optional here; `rules.py` says what a release must
have before it can be submitted. The same dataclasses are the bodies of the API.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from deadwax.domain.deals import Deal, RightsHeld, Visibility
from deadwax.domain.enrichment import Enrichment
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Grid, Icpn, Isrc, Sha256
from deadwax.domain.parties import STRICT, Artist, ArtistName, Contributor, ProprietaryId
from deadwax.domain.texts import Language, Name, Paragraph
from deadwax.domain.tracks import LocalTitle, RightsLine, TerritoryWarning, Track
from deadwax.domain.vocabulary import (
    AssetKind,
    AttachmentKind,
    Compilation,
    ParentalWarning,
    Profile,
    ProfileVariant,
    ReleaseType,
)


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file that comes with the release, or with the track that `isrc` names."""

    kind: AttachmentKind
    file: Sha256 | None = None
    id: ProprietaryId | None = None
    isrc: Isrc | None = None
    title: Name | None = None
    language: Language | None = None
    parental_warning: ParentalWarning | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class DiscTitle:
    """What a disc is called; without one it has its number only."""

    disc: int
    title: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class RelatedRelease:
    """`relationship` is a DDEX ReleaseRelationshipType such as IsDigitalEquivalentToPhysical."""

    relationship: Name
    icpn: Icpn | None = None
    grid: Grid | None = None
    isrc: Isrc | None = None
    ids: tuple[ProprietaryId, ...] = ()
    title: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True)
class NamedFile:
    """An asset that a release names: in which field, what kind of file belongs there, and whether
    it only comes with the music and its cover."""

    field: str
    sha256: Sha256
    kind: AssetKind
    attached: bool = False


@dataclass(frozen=True, kw_only=True)
class ReleaseMetadata:
    """A release as its label describes it. `label` is the name of one of the tenant's labels.

    `profile` and `variants` follow from the content where they are not given. `cover_id` is
    the label's own identifier of the front cover.
    """

    title: Name
    type: ReleaseType | None = None
    profile: Profile | None = None
    variants: tuple[ProfileVariant, ...] | None = None
    label: Name | None = None
    icpn: Icpn | None = None
    grid: Grid | None = None
    catalogue_number: Name | None = None
    ids: tuple[ProprietaryId, ...] = ()
    version: Name | None = None
    version_types: tuple[Name, ...] = ()
    titles: tuple[LocalTitle, ...] = ()
    disc_titles: tuple[DiscTitle, ...] = ()
    artists: tuple[Artist, ...] = ()
    artist_names: tuple[ArtistName, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    compilation: Compilation | None = None
    genre: Name | None = None
    sub_genre: Name | None = None
    language: Language | None = None
    p_line: RightsLine | None = None
    c_line: RightsLine | None = None
    courtesy_line: Name | None = None
    release_date: date | None = None
    original_release_date: date | None = None
    parental_warning: ParentalWarning | None = None
    parental_warnings: tuple[TerritoryWarning, ...] = ()
    related: tuple[RelatedRelease, ...] = ()
    keywords: tuple[Name, ...] = ()
    synopsis: Paragraph | None = None
    marketing_comment: Paragraph | None = None
    cover: Sha256 | None = None
    cover_id: ProprietaryId | None = None
    attachments: tuple[Attachment, ...] = ()
    tracks: tuple[Track, ...] = ()
    rights: tuple[RightsHeld, ...] = ()
    deals: tuple[Deal, ...] = ()
    visibility: tuple[Visibility, ...] = ()
    enrichment: Enrichment | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    def __post_init__(self) -> None:
        places = [(t.disc, t.number) for t in self.tracks]
        if len(set(places)) != len(places):
            twice = next(p for p in places if places.count(p) > 1)
            raise InvalidValue(
                "track_place_taken",
                f"Two tracks stand at disc {twice[0]}, number {twice[1]}.",
                "Give every track a place of its own.",
            )

    def in_order(self) -> tuple[Track, ...]:
        """The tracks by disc, then number."""
        return tuple(sorted(self.tracks, key=lambda t: (t.disc, t.number)))

    def files(self) -> Iterator[NamedFile]:
        """Every asset that the release names."""
        yield from _file("cover", self.cover, AssetKind.IMAGE)
        for i, track in enumerate(self.tracks):
            yield from _file(f"tracks[{i}].audio", track.audio, AssetKind.AUDIO)
            yield from _file(f"tracks[{i}].video", track.video, AssetKind.VIDEO)
            if track.immersive:
                audio = track.immersive.audio
                yield from _file(f"tracks[{i}].immersive.audio", audio, AssetKind.AUDIO)
        for i, attachment in enumerate(self.attachments):
            kind = attachment.kind.asset_kind
            yield from _file(f"attachments[{i}].file", attachment.file, kind, attached=True)


def _file(
    field: str, sha256: Sha256 | None, kind: AssetKind, *, attached: bool = False
) -> Iterator[NamedFile]:
    if sha256 is not None:
        yield NamedFile(field, sha256, kind, attached)
