"""What differs between the versions of ERN 4.x beyond the order of elements, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from deadwax.domain.target import ErnVersion
from deadwax.domain.vocabulary import AttachmentKind, RecordingKind


class Immersive(Enum):
    """How an immersive edition is told: as a SoundRecordingEdition, as a further encoding with
    an EncodingId, or as a recording of its own that is related to the other."""

    EDITION = auto()
    ENCODING = auto()
    RECORDING = auto()


class Visibility(Enum):
    """Where preview dates stand: in the deals, in one composite, or in one per territory."""

    IN_DEALS = auto()
    ONE = auto()
    BY_TERRITORY = auto()


_VIDEO_FORMATS: dict[str, tuple[str, str | None]] = {
    RecordingKind.CONCERT_VIDEO: ("LongFormMusicalWorkVideo", "ConcertVideo"),
    RecordingKind.LYRIC_VIDEO: ("ShortFormMusicalWorkVideo", "LyricVideo"),
    RecordingKind.LIVE_EVENT_VIDEO: ("ShortFormMusicalWorkVideo", "LiveEventVideo"),
    RecordingKind.DOCUMENTARY: ("LongFormNonMusicalWorkVideo", "Documentary"),
    RecordingKind.INTERVIEW: ("ShortFormNonMusicalWorkVideo", "Interview"),
    RecordingKind.BEHIND_THE_SCENES: ("ShortFormNonMusicalWorkVideo", "BehindTheScenes"),
    AttachmentKind.MOTION_ART: ("FrontCoverVideo", None),
}


@dataclass(frozen=True, kw_only=True)
class Shape:
    """`video_formats` gives the Type and RecordingFormat of a kind of video, where a version
    tells them apart; a kind that is not listed is its own Type. `link_descriptions` are the
    LinkDescriptions that we use and the version has. `immersive_relation` is how an immersive
    recording of its own names the plain one. `states_delivery` says that IsProvidedInDelivery
    tells whether a file comes along: without it every file that is named does.
    """

    immersive: Immersive = Immersive.EDITION
    immersive_codec: str | None = "DolbyAtmosMasterADM"
    immersive_relation: str = "IsImmersiveEditionOf"
    visibility: Visibility = Visibility.BY_TERRITORY
    genre: str = "Genre"
    single_artist: str = "IsSingleArtistCompilation"
    role_has_value: bool = False
    related_by: str = "ResourceId"
    language_has_script: bool = True
    states_delivery: bool = True
    marks_classical: bool = True
    isrc_of_release: bool = False
    link_descriptions: frozenset[str] = frozenset(
        {"CoverArt", "VideoScreenCapture", "Booklet", "Lyrics"}
    )
    video_formats: Mapping[str, tuple[str, str | None]] = field(
        default_factory=lambda: _VIDEO_FORMATS
    )
    video_types: str = "VideoType_ERN43"
    use_types: str = "UseType_ERN"
    commercial_models: str = "CommercialModelType_ERN"

    def video_type(self, kind: str) -> tuple[str, str | None]:
        return self.video_formats.get(kind, (kind, None))


_OLD_LINKS = frozenset({"CoverArt", "VideoScreenCapture"})

SHAPES: dict[ErnVersion, Shape] = {
    ErnVersion.V411: Shape(
        immersive=Immersive.RECORDING,
        immersive_codec=None,
        immersive_relation="IsDifferentEncoding",
        visibility=Visibility.IN_DEALS,
        single_artist="IsCompilation",
        related_by="ReleaseId",
        language_has_script=False,
        states_delivery=False,
        marks_classical=False,
        isrc_of_release=True,
        link_descriptions=_OLD_LINKS,
        video_formats={},
        video_types="VideoType",
        use_types="UseType",
        commercial_models="CommercialModelType",
    ),
    ErnVersion.V42: Shape(
        immersive=Immersive.ENCODING,
        immersive_codec="Atmos",
        visibility=Visibility.ONE,
        marks_classical=False,
        link_descriptions=_OLD_LINKS,
        video_formats={},
        video_types="VideoType",
    ),
    ErnVersion.V43: Shape(),
    ErnVersion.V432: Shape(genre="DisplayGenre", role_has_value=True),
}
