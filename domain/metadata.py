"""What a label says about a release: the values that messages are built from.

Everything a draft may still lack is optional here; `rules.py` says what a release must
have before it can be submitted. The same dataclasses are the bodies of the API.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Grid, Icpn, IpiName, Isni, Isrc, Iswc, Sha256
from deadwax.domain.territories import Territories
from deadwax.domain.values import Text

# Read by the API layer: a misspelt field is refused instead of silently dropped.
_STRICT: dict[str, Any] = {"extra": "forbid"}


class ReleaseType(StrEnum):
    ALBUM = "Album"
    EP = "EP"
    SINGLE = "Single"


class ParentalWarning(StrEnum):
    EXPLICIT = "Explicit"
    EXPLICIT_CONTENT_EDITED = "ExplicitContentEdited"
    NOT_EXPLICIT = "NotExplicit"
    NO_ADVICE_AVAILABLE = "NoAdviceAvailable"


class ArtistRole(StrEnum):
    """DDEX DisplayArtistRole."""

    MAIN = "MainArtist"
    FEATURED = "FeaturedArtist"
    COMPOSER = "Composer"


class CommercialModel(StrEnum):
    """DDEX CommercialModelType, the values that sell or stream music."""

    PAY_AS_YOU_GO = "PayAsYouGoModel"
    SUBSCRIPTION = "SubscriptionModel"
    ADVERTISEMENT_SUPPORTED = "AdvertisementSupportedModel"
    FREE_OF_CHARGE = "FreeOfChargeModel"


class UseType(StrEnum):
    """DDEX UseType, the values of downloads and streams."""

    PERMANENT_DOWNLOAD = "PermanentDownload"
    CONDITIONAL_DOWNLOAD = "ConditionalDownload"
    ON_DEMAND_STREAM = "OnDemandStream"
    NON_INTERACTIVE_STREAM = "NonInteractiveStream"


class Name(Text):
    """A name or title: one line, 1 to 500 characters, not blank."""

    code, pattern = "name_invalid", r"[^\x00-\x1f\x7f]{1,500}"
    fix = "Give one line of 1 to 500 characters."

    @classmethod
    def check(cls, value: str) -> str:
        return "" if value.strip() == value else "no space at either end."


class Language(Text):
    """A BCP 47 tag of language and optional script; `zxx` where nothing is sung."""

    code, pattern, example = "language_invalid", r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", "en"
    fix = "Give an ISO 639 code such as en, ja or ja-Latn."


class Currency(Text):
    code, pattern, example = "currency_invalid", r"[A-Z]{3}", "EUR"
    fix = "Give the three letters of ISO 4217."


@dataclass(frozen=True, kw_only=True)
class Artist:
    """A display artist, in display order."""

    name: Name
    role: ArtistRole
    isni: Isni | None = None
    ipi: IpiName | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Contributor:
    """A credited contributor; `roles` are DDEX ContributorRole values such as Composer."""

    name: Name
    roles: tuple[Name, ...]
    instruments: tuple[Name, ...] = ()
    isni: Isni | None = None
    ipi: IpiName | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class RightsLine:
    """A P line or C line: year of first publication and the owner's text."""

    year: int
    text: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if not 1860 <= self.year <= 2200:
            raise InvalidValue(
                "year_invalid",
                f"{self.year} is not a year of publication.",
                "Give a year from 1860 to 2200.",
            )


@dataclass(frozen=True, kw_only=True)
class LocalTitle:
    """The title in another language or script."""

    language: Language
    text: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Price:
    """A wholesale price per unit."""

    amount: Decimal
    currency: Currency
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if not (self.amount.is_finite() and self.amount >= 0):
            raise InvalidValue(
                "price_invalid", f"{self.amount} is not a price.", "Give an amount of zero or more."
            )


@dataclass(frozen=True, kw_only=True)
class Deal:
    """What a DSP may do with the release: where, how, from when to when.

    Days are those of each territory's calendar; `end` is the first day without the right.
    `pre_order_from` opens a pre-order that ends at `start`.
    """

    territories: Territories
    models: tuple[CommercialModel, ...]
    uses: tuple[UseType, ...]
    start: date
    end: date | None = None
    price: Price | None = None
    pre_order_from: date | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class RightsHeld:
    """What the label may grant. Empty `models` or `uses` means all of them."""

    territories: Territories
    start: date | None = None
    end: date | None = None
    models: tuple[CommercialModel, ...] = ()
    uses: tuple[UseType, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class Track:
    """A track at its place; `audio` names an uploaded asset, `preview_start` is seconds."""

    number: int
    disc: int = 1
    isrc: Isrc | None = None
    iswc: Iswc | None = None
    title: Name | None = None
    version: Name | None = None
    titles: tuple[LocalTitle, ...] = ()
    artists: tuple[Artist, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    genre: Name | None = None
    language: Language | None = None
    instrumental: bool | None = None
    parental_warning: ParentalWarning | None = None
    p_line: RightsLine | None = None
    preview_start: int | None = None
    audio: Sha256 | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if not (1 <= self.number <= 999 and 1 <= self.disc <= 99):
            raise InvalidValue(
                "track_place_invalid",
                f"Disc {self.disc}, number {self.number} is not a place for a track.",
                "Number discs from 1 to 99 and tracks from 1 to 999.",
            )
        if self.preview_start is not None and self.preview_start < 0:
            raise InvalidValue(
                "preview_start_invalid",
                f"A preview cannot start at {self.preview_start} seconds.",
                "Give the seconds from the start of the track.",
            )


@dataclass(frozen=True, kw_only=True)
class ReleaseMetadata:
    """A release as its label describes it. `label` is the name of one of the tenant's labels."""

    title: Name
    type: ReleaseType | None = None
    label: Name | None = None
    icpn: Icpn | None = None
    grid: Grid | None = None
    catalogue_number: Name | None = None
    version: Name | None = None
    titles: tuple[LocalTitle, ...] = ()
    artists: tuple[Artist, ...] = ()
    contributors: tuple[Contributor, ...] = ()
    genre: Name | None = None
    sub_genre: Name | None = None
    language: Language | None = None
    p_line: RightsLine | None = None
    c_line: RightsLine | None = None
    release_date: date | None = None
    original_release_date: date | None = None
    parental_warning: ParentalWarning | None = None
    cover: Sha256 | None = None
    tracks: tuple[Track, ...] = ()
    rights: tuple[RightsHeld, ...] = ()
    deals: tuple[Deal, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

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
