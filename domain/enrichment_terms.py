"""What is said in the same way of a release, a recording and a party."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.parties import STRICT, NamedParty
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Language, Moment, Name, Paragraph
from deadwax.domain.values import Text


class Scope(StrEnum):
    """DDEX MoodOrThemeType: what of the music has the mood or theme."""

    LYRICS = "Lyrics"
    MELODY = "Melody"
    LYRICS_AND_MELODY = "LyricsAndMelody"


class WebAddress(Text):
    code, example = "web_address_invalid", "https://example.com/ada"
    pattern = (
        r"https?://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?"
        r"([/?#][A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]{0,2000})?"
    )
    fix = "Give an address that begins with https:// or http://, as a browser sends it."


@dataclass(frozen=True, kw_only=True)
class Term:
    """A word of one of DDEX's allowed value sets; with `own` a word of the sender's, which is
    sent as UserDefined in the sender's namespace."""

    value: Name
    own: bool = False
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class LocalTerm(Term):
    """A term that holds in the territories named, everywhere if none are."""

    territories: tuple[Territory, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScopedTerm(LocalTerm):
    """A mood or theme; without a scope it may be that of the lyrics or of the melody."""

    scope: Scope | None = None


@dataclass(frozen=True, kw_only=True)
class LocalText:
    """A text in one language."""

    language: Language
    text: Paragraph
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Note:
    """`CommentaryNote`: what is written about the music or the artist, once per language.

    `kind` is a word of the sender's (MarketingComment, Review): DDEX's set has none.
    """

    kind: Name
    texts: tuple[LocalText, ...]
    author: Name | None = None
    territories: tuple[Territory, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Focus:
    """`Focus`: what is promoted, and what "play the latest" should find, from when to when."""

    start: Moment | None = None
    end: Moment | None = None
    territories: tuple[Territory, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Influence:
    """`ArtisticInfluence`: an artist who left a mark on the music, and how."""

    artist: NamedParty
    description: tuple[LocalText, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
