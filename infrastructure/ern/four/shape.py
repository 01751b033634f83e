"""What differs between the versions of ERN 4.x beyond the order of elements, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from deadwax.domain.target import ErnVersion


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


@dataclass(frozen=True, kw_only=True)
class Shape:
    """`link_descriptions` are the LinkDescriptions that we use and the version has;
    `immersive_relation` is how a recording of its own names the plain one;
    `states_delivery` says that IsProvidedInDelivery tells whether a file comes along: without
    it every file that is named does."""

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
    use_types: str = "UseType_ERN"
    commercial_models: str = "CommercialModelType_ERN"
    contributor_roles: str = "ContributorRole"


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
        use_types="UseType",
        commercial_models="CommercialModelType",
    ),
    ErnVersion.V42: Shape(
        immersive=Immersive.ENCODING,
        immersive_codec="Atmos",
        visibility=Visibility.ONE,
        marks_classical=False,
        link_descriptions=_OLD_LINKS,
    ),
    ErnVersion.V43: Shape(),
    ErnVersion.V432: Shape(genre="DisplayGenre", role_has_value=True),
}
