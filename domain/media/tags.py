"""What a rendition says of itself inside the file, for those who play it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Icpn, Isrc
from deadwax.domain.texts import Name, PartialDate

_MOST_PLACES = 999


@dataclass(frozen=True, kw_only=True)
class Tags:
    """What is None or empty is left out. `copyright` is the C line, such as "2026 Night Owl";
    `number` of `tracks` on `disc` of `discs`."""

    title: Name | None = None
    artists: tuple[Name, ...] = ()
    album: Name | None = None
    album_artists: tuple[Name, ...] = ()
    genre: Name | None = None
    isrc: Isrc | None = None
    icpn: Icpn | None = None
    label: Name | None = None
    copyright: Name | None = None
    release_date: PartialDate | None = None
    number: int | None = None
    tracks: int | None = None
    disc: int | None = None
    discs: int | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for place in (self.number, self.tracks, self.disc, self.discs):
            if place is not None and not 1 <= place <= _MOST_PLACES:
                raise InvalidValue(
                    "tags_place_invalid",
                    f"{place} is no number of a track or disc.",
                    f"Give one from 1 to {_MOST_PLACES}.",
                )
