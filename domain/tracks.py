"""A track: a recording at its place on a release."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Isrc, Iswc, Sha256
from deadwax.domain.parties import STRICT, Artist, ArtistName, Contributor, ProprietaryId
from deadwax.domain.territories import Territories
from deadwax.domain.texts import Language, Name, PartialDate
from deadwax.domain.vocabulary import ParentalWarning, RecordingKind

MOST_SECONDS = 31_536_000
"""A year: longer than any recording, and short enough for every program that adds lengths up."""


@dataclass(frozen=True, kw_only=True)
class RightsLine:
    """A P line or C line: year of first publication and the owner's text."""

    year: int
    text: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    def __post_init__(self) -> None:
        if not 1860 <= self.year <= 2200:
            raise InvalidValue(
                "year_invalid",
                f"{self.year} is not a year of publication.",
                "Give a year from 1860 to 2200.",
            )


@dataclass(frozen=True, kw_only=True)
class LocalTitle:
    """The title in another language or script, with its version in that language."""

    language: Language
    text: Name
    version: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class EventDate:
    """When something happened, as far as it is known."""

    date: PartialDate
    approximate: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class TerritoryWarning:
    """A parental warning that holds in some territories instead of the general one."""

    territories: Territories
    warning: ParentalWarning
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class ImmersiveEdition:
    """The same recording in an immersive format (Dolby Atmos), with an ISRC and file of its own.
    A draft may still lack the file."""

    isrc: Isrc
    audio: Sha256 | None = None
    p_line: RightsLine | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class RelatedRecording:
    """`relationship` is a DDEX ResourceRelationshipType such as IsCoverOf."""

    relationship: Name
    isrc: Isrc
    title: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track at its place. `audio` or `video` names an uploaded asset; `duration` (seconds) is
    what the label says, used only where there is no file to measure. `preview_start` and
    `preview_length` are seconds. `kind` follows from the file where it is not given.
    """

    number: int
    disc: int = 1
    kind: RecordingKind | None = None
    isrc: Isrc | None = None
    iswc: Iswc | None = None
    ids: tuple[ProprietaryId, ...] = ()
    title: Name | None = None
    version: Name | None = None
    version_types: tuple[Name, ...] = ()
    titles: tuple[LocalTitle, ...] = ()
    artists: tuple[Artist, ...] = ()
    artist_names: tuple[ArtistName, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    genre: Name | None = None
    sub_genre: Name | None = None
    language: Language | None = None
    other_languages: tuple[Language, ...] = ()
    instrumental: bool | None = None
    cover_version: bool | None = None
    parental_warning: ParentalWarning | None = None
    parental_warnings: tuple[TerritoryWarning, ...] = ()
    p_line: RightsLine | None = None
    c_line: RightsLine | None = None
    courtesy_line: Name | None = None
    recorded: EventDate | None = None
    mastered: EventDate | None = None
    remastered: EventDate | None = None
    first_published: EventDate | None = None
    related: tuple[RelatedRecording, ...] = ()
    keywords: tuple[Name, ...] = ()
    marketing_comment: Name | None = None
    bonus: bool = False
    hidden: bool = False
    pre_order_incentive: bool = False
    preview_start: int | None = None
    preview_length: int | None = None
    duration: int | None = None
    audio: Sha256 | None = None
    video: Sha256 | None = None
    immersive: ImmersiveEdition | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 999 and 1 <= self.disc <= 99):
            raise InvalidValue(
                "track_place_invalid",
                f"Disc {self.disc}, number {self.number} is not a place for a track.",
                "Number discs from 1 to 99 and tracks from 1 to 999.",
            )
        if self.preview_start is not None and not 0 <= self.preview_start <= MOST_SECONDS:
            raise InvalidValue(
                "preview_start_invalid",
                f"A preview cannot start at {self.preview_start} seconds.",
                "Give the seconds from the start of the track.",
            )
        for name in ("preview_length", "duration"):
            seconds = getattr(self, name)
            if seconds is not None and not 1 <= seconds <= MOST_SECONDS:
                raise InvalidValue(
                    f"{name}_invalid",
                    f"{name} is {seconds} seconds.",
                    f"Give 1 to {MOST_SECONDS} seconds.",
                )
        if self.audio and self.video:
            raise InvalidValue(
                "track_file_twice",
                "A track is either audio or video.",
                "Make a track of its own for the video.",
            )

    @property
    def is_video(self) -> bool:
        return self.video is not None if self.kind is None else not self.kind.is_sound

    @property
    def recording_kind(self) -> RecordingKind:
        """`kind`, or what follows from the file."""
        if self.kind is not None:
            return self.kind
        return RecordingKind.SHORT_FORM_VIDEO if self.is_video else RecordingKind.MUSIC

    @property
    def file(self) -> Sha256 | None:
        """The asset of the recording."""
        return self.video or self.audio
