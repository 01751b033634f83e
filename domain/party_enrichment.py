"""What a label says of an artist: the parties of PIE 1.0."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.enrichment_terms import Focus, LocalText, Note, Term, WebAddress
from deadwax.domain.identifiers import Isrc
from deadwax.domain.parties import STRICT, NamedParty
from deadwax.domain.territories import Territory
from deadwax.domain.texts import Language, Name, PartialDate


class PartyType(StrEnum):
    """DDEX PartyType."""

    NATURAL_PERSON = "NaturalPerson"
    GROUP = "Group"
    STAGE_PERSONA = "StagePersona"
    COMPOSING_PERSONA = "ComposingPersona"
    AUTHOR_PERSONA = "AuthorPersona"
    PERSONA = "Persona"
    CHARACTER = "Character"
    ANTHROPOMORPH = "Anthropomorph"
    LEGAL_ORGANIZATION = "LegalOrganization"
    DEPARTMENT = "Department"
    BRAND = "Brand"


class PartyNameType(StrEnum):
    """DDEX PartyNameType: what kind of name it is."""

    STAGE_NAME = "StageName"
    LEGAL_NAME = "LegalName"
    PSEUDONYM = "Pseudonym"
    NICKNAME = "Nickname"
    TRADING_NAME = "TradingName"
    INCORRECT_NAME = "IncorrectName"


class PartyEventType(StrEnum):
    """DDEX EventType. A band is formed by `Incorporation` and ends by `Dissolution`."""

    BIRTH = "Birth"
    DEATH = "Death"
    INCORPORATION = "Incorporation"
    DISSOLUTION = "Dissolution"
    ACTIVITY_PERIOD = "ActivityPeriod"
    FIRST_PERFORMANCE = "FirstPerformance"
    LAST_PERFORMANCE = "LastPerformance"
    CONCEPTUALIZE = "Conceptualize"


@dataclass(frozen=True, kw_only=True)
class When:
    """A date as far as it is known, and where it was."""

    date: PartialDate
    approximate: bool = False
    territory: Territory | None = None
    place: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class PartyEvent:
    """`Event`: either `on` a date, or a period from `start` to `end`."""

    type: PartyEventType
    on: When | None = None
    start: When | None = None
    end: When | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Alias:
    """A further `PartyName`: what else the party is or was called."""

    name: Name
    types: tuple[PartyNameType, ...]
    language: Language | None = None
    start: PartialDate | None = None
    end: PartialDate | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class RelatedParty(NamedParty):
    """`RelatedParty`: another party and what it is to this one.

    `relationship` is a DDEX PartyRelationshipType_PIE, seen from this party: a band HasMember,
    a singer IsMemberOf or IsInfluencedBy. `types` says what kind of name it is; it is not needed
    where the same party (equal name and identifiers) is described itself.
    """

    relationship: Name
    types: tuple[PartyNameType, ...] = ()
    start: PartialDate | None = None
    end: PartialDate | None = None


@dataclass(frozen=True, kw_only=True)
class FocusTrack(Focus):
    """`Focus/FocusTrack`: the recording of this release that stands for the artist."""

    isrc: Isrc


@dataclass(frozen=True, kw_only=True)
class Biography:
    """`Biography`, once per language."""

    texts: tuple[LocalText, ...]
    author: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class PartyImage:
    """`Image`: a picture on the web; `kinds` are DDEX ImageType values such as Portrait."""

    address: WebAddress
    kinds: tuple[Term, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class SocialMedia:
    """`SocialMediaURL`, of which PIE 1.0 has one for a party."""

    address: WebAddress
    language: Language | None = None
    territory: Territory | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class PartyEnrichment(NamedParty):
    """PIE `Party`: an artist or contributor of the release, or one related to them.

    PIE wants at least one identifier. `types` says what kind of name `name` is.
    """

    type: PartyType
    types: tuple[PartyNameType, ...]
    aliases: tuple[Alias, ...] = ()
    events: tuple[PartyEvent, ...] = ()
    related: tuple[RelatedParty, ...] = ()
    focus: tuple[FocusTrack, ...] = ()
    biography: Biography | None = None
    images: tuple[PartyImage, ...] = ()
    social_media: SocialMedia | None = None
    notes: tuple[Note, ...] = ()
