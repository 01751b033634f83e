"""What is asked for when a rendition is."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import AfterValidator

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.recipes import (
    AUDIO_RECIPES,
    IMAGE_RECIPES,
    AudioRecipe,
    ImageRecipe,
    Recipe,
)
from deadwax.domain.media.tags import Tags

_STRICT: dict[str, Any] = {"extra": "forbid"}


def _known(name: str) -> str:
    known = AUDIO_RECIPES.keys() | IMAGE_RECIPES.keys()
    if name not in known:
        raise InvalidValue(
            "recipe_unknown",
            f"There is no recipe {name}.",
            f"Give one of {', '.join(sorted(known))}.",
        )
    return name


@dataclass(frozen=True, kw_only=True)
class AudioOptions:
    """Over what an audio recipe says; see AudioRecipe."""

    loudness: float | None = None
    start: int | None = None
    length: int | None = None
    fade: float | None = None
    tags: Tags | None = None
    cover: Sha256 | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class OfTrack:
    """A track of a release, whose title, artists, codes and cover are to be embedded, and whose
    preview start and length are to be kept."""

    release_id: UUID
    number: int
    disc: int = 1
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT


@dataclass(frozen=True, kw_only=True)
class NewRendition:
    """One of `recipe`, a name that `GET /recipes` lists, `audio` and `image`, a recipe of yours.
    `options` and `track` are for audio."""

    recipe: Annotated[str, AfterValidator(_known)] | None = None
    audio: AudioRecipe | None = None
    image: ImageRecipe | None = None
    options: AudioOptions | None = None
    track: OfTrack | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if sum(one is not None for one in (self.recipe, self.audio, self.image)) != 1:
            raise InvalidValue(
                "recipe_missing",
                "It is not said how to render it, or it is said twice.",
                "Give one of recipe (a name), audio and image.",
            )
        if (self.options or self.track) and not isinstance(self._base, AudioRecipe):
            raise InvalidValue(
                "recipe_options", "An image has no such options.", "Leave options and track out."
            )
        self.wanted  # noqa: B018 - what the options make of it must be a recipe, too

    @property
    def wanted(self) -> Recipe:
        """The recipe with the options over it."""
        if not isinstance(self._base, AudioRecipe) or self.options is None:
            return self._base
        said = {field.name: getattr(self.options, field.name) for field in fields(self.options)}
        return replace(
            self._base, **{name: value for name, value in said.items() if value is not None}
        )

    @property
    def _base(self) -> Recipe:
        base = self.audio or self.image or AUDIO_RECIPES.get(self.recipe or "")
        return base or IMAGE_RECIPES[self.recipe or ""]
