"""People and groups as a release names them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.identifiers import Dpid, IpiName, Ipn, Isni
from deadwax.domain.texts import Language, Name
from deadwax.domain.vocabulary import ArtistRole

# Read by the API layer: a misspelt field is refused instead of silently dropped.
STRICT: dict[str, Any] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class ProprietaryId:
    """An identifier of somebody's own; `namespace` says whose, normally a DPID."""

    namespace: Name
    value: Name
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class LocalName:
    """A party's name in another language or script; `indexed` is how it is sorted."""

    language: Language
    text: Name
    indexed: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class NamedParty:
    """A person or group. `indexed` is how the name is sorted (`Jolie, Lolita`), `ascii` how it
    is written without accents. Equal name and identifiers mean the same party."""

    name: Name
    indexed: Name | None = None
    ascii: Name | None = None
    names: tuple[LocalName, ...] = ()
    isni: Isni | None = None
    ipi: IpiName | None = None
    ipn: Ipn | None = None
    dpid: Dpid | None = None
    ids: tuple[ProprietaryId, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT


@dataclass(frozen=True, kw_only=True)
class Artist(NamedParty):
    """A display artist, in display order; `roles` are DDEX ContributorRole values, what the
    artist did (Conductor, Orchestra, …)."""

    role: ArtistRole
    roles: tuple[Name, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contributor(NamedParty):
    """A credited contributor; `roles` are DDEX ContributorRole values such as Composer."""

    roles: tuple[Name, ...]
    instruments: tuple[Name, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ArtistName:
    """How the artists are shown together, in one language; the first of several is the default.

    Where none is given it is made from the artists: `A, B & C feat. D`.
    """

    text: Name
    language: Language | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = STRICT
