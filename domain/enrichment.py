"""What a label says beyond what a release is: what discovery, voice and editors ask for.

It travels in MEAD 1.1 (release and recordings) and PIE 1.0 (parties), beside the ERN message.
Each docstring names the element; what the two standards cannot carry is not here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from deadwax.domain.enrichment_terms import (
    Focus,
    Influence,
    LocalTerm,
    LocalText,
    Note,
    ScopedTerm,
    Term,
)
from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Grid, Icpn, Isrc
from deadwax.domain.parties import STRICT
from deadwax.domain.party_enrichment import PartyEnrichment
from deadwax.domain.texts import Language, Name, Paragraph


@dataclass(frozen=True, kw_only=True)
class PriorityPeriod:
    """The days on which it has priority, both included (`PriorityPeriodStartDate`, `…EndDate`)."""

    start: date | None = None
    end: date | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class OtherTitle:
    """`AlternativeTitle`: what people call it who do not know its title."""

    text: Name
    language: Language | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Similar:
    """Something else that sounds like it, and why (`IsSimilar`)."""

    title: Name
    why: tuple[LocalText, ...]
    artist: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class SimilarRecording(Similar):
    isrc: Isrc | None = None


@dataclass(frozen=True, kw_only=True)
class SimilarRelease(Similar):
    grid: Grid | None = None
    icpn: Icpn | None = None


@dataclass(frozen=True, kw_only=True)
class Key:
    """`Harmony`: the root note (DDEX RootChordNote: C, F, Gb/F#, …), the root chord
    (RootChordQuality: MajorTriad, MinorTriad, …) and the mode in the sender's words (Dorian)."""

    note: Term
    quality: Term | None = None
    mode: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Meter:
    """`TimeSignature/Meter`: 6/8 is six beats of an eighth note."""

    beats: int
    note: int
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT

    def __post_init__(self) -> None:
        if not 1 <= self.beats <= 99 or self.note not in (1, 2, 4, 8, 16, 32, 64):
            raise InvalidValue(
                "meter_invalid",
                f"{self.beats}/{self.note} is not a time signature.",
                "Give 1 to 99 beats of a note of 1, 2, 4, 8, 16, 32 or 64.",
            )


@dataclass(frozen=True, kw_only=True)
class LyricsText:
    """`Lyrics`: a part of the words, or all of them. `kind` is a DDEX LyricsType (Chorus, Hook,
    FirstLineOfText, …). That they may be sent is for the label to know."""

    text: Paragraph
    language: Language
    kind: Term | None = None
    complete: bool | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Described:
    """What is said of a release and of a recording alike.

    `moods` are of DDEX's Mood, `themes` of Theme (what it is about), `activities` of Activity
    (what it is good for).
    """

    focus: tuple[Focus, ...] = ()
    moods: tuple[ScopedTerm, ...] = ()
    themes: tuple[ScopedTerm, ...] = ()
    activities: tuple[LocalTerm, ...] = ()
    notes: tuple[Note, ...] = ()
    influenced_by: tuple[Influence, ...] = ()
    other_titles: tuple[OtherTitle, ...] = ()
    priority: PriorityPeriod | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class ReleaseEnrichment(Described):
    """MEAD `ReleaseInformation`. Empty, it takes back what was said before."""

    similar: tuple[SimilarRelease, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TrackEnrichment(Described):
    """MEAD `ResourceInformation` of the recording that `isrc` names. Empty, it takes back what
    was said before. `tempo` is of DDEX's Tempo (Allegro, …), `bpm` beats per minute."""

    isrc: Isrc
    tempo: tuple[Term, ...] = ()
    bpm: Decimal | None = None
    meter: Meter | None = None
    key: Key | None = None
    lyrics: tuple[LyricsText, ...] = ()
    similar: tuple[SimilarRecording, ...] = ()

    def __post_init__(self) -> None:
        if self.bpm is not None and not (self.bpm.is_finite() and 0 < self.bpm < 1000):
            raise InvalidValue(
                "bpm_invalid",
                f"{self.bpm} is not a number of beats per minute.",
                "Give a number above 0 and below 1000.",
            )


@dataclass(frozen=True, kw_only=True)
class Enrichment:
    """All that is said beyond the release itself, of it, of its recordings and of its people."""

    release: ReleaseEnrichment | None = None
    tracks: tuple[TrackEnrichment, ...] = ()
    parties: tuple[PartyEnrichment, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
