"""In which form a platform wants its files, and whose limits they are held against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.media.limits import DEFAULT, PLATFORMS, MediaLimits, limits_of
from deadwax.domain.media.recipes import (
    AUDIO_RECIPES,
    IMAGE_RECIPES,
    AudioFormat,
    AudioRecipe,
    ImageRecipe,
)

DELIVERED_AUDIO: dict[str, AudioRecipe] = {
    name: recipe for name, recipe in AUDIO_RECIPES.items() if recipe.length is None
}
"""A preview is no recording."""

_WRITTEN_AS: dict[AudioFormat, tuple[str, str]] = {
    AudioFormat.WAV: ("PCM", "WAV"),
    AudioFormat.FLAC: ("FLAC", "FLAC"),
    AudioFormat.MP3: ("MP3", "MP3"),
    AudioFormat.AAC: ("AAC", "MP4"),
    AudioFormat.OPUS: ("Opus", "Ogg"),
}
"""Codec and container, as DDEX calls them where it does."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """The names of the recipes by which files are delivered; None: as they were uploaded."""

    audio: str | None = None
    artwork: str | None = None

    @property
    def audio_recipe(self) -> AudioRecipe | None:
        return AUDIO_RECIPES[self.audio] if self.audio else None

    @property
    def image_recipe(self) -> ImageRecipe | None:
        return IMAGE_RECIPES[self.artwork] if self.artwork else None

    @property
    def is_as_uploaded(self) -> bool:
        return self.audio is None and self.artwork is None


AS_UPLOADED = Form()


@dataclass(frozen=True, kw_only=True)
class MediaForm:
    """`audio` and `artwork` name recipes (domain.media.recipes), None: the files as they were
    uploaded. `other_audio` are recipes to fall back on, in this order, when the platform refuses
    the form of what it got. `limits` names the platform whose limits the delivered files must keep.
    """

    audio: str | None = None
    artwork: str | None = None
    other_audio: tuple[str, ...] = ()
    limits: str = "default"
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _expect("audio", self.audio, DELIVERED_AUDIO)
        for name in self.other_audio:
            _expect("other_audio", name, DELIVERED_AUDIO)
        _expect("artwork", self.artwork, IMAGE_RECIPES)
        _expect("limits", self.limits, PLATFORMS)
        tried = [self.audio, *self.other_audio]
        if len(set(tried)) < len(tried):
            raise InvalidValue(
                "media_other_audio_twice",
                "A form of audio is named twice.",
                "Name each once: what was refused is not sent again.",
            )

    def audio_after(self, refused: str | None) -> str | None:
        """The form to try when the platform refused that one; None if there is no other."""
        tried = [self.audio, *self.other_audio]
        following = tried[tried.index(refused) + 1 :] if refused in tried else []
        return following[0] if following else None

    def limits_for(self, form: Form) -> MediaLimits:
        """Those of the named platform. Those that every release is judged by are of masters: what
        a target asks for in its `form` is no fault of a file there."""
        limits = limits_of(self.limits)
        if self.limits != DEFAULT:
            return limits
        if recipe := form.audio_recipe:
            codec, container = _WRITTEN_AS[recipe.format]
            audio = limits.audio
            taken = replace(
                audio,
                codecs=_with(audio.codecs, codec),
                containers=_with(audio.containers, container),
            )
            limits = replace(limits, audio=taken)
        if picture := form.image_recipe:
            image = limits.image
            limits = replace(limits, image=replace(image, pixels=min(image.pixels, picture.pixels)))
        return limits


def _with(known: tuple[str, ...], one: str) -> tuple[str, ...]:
    return known if one in known else (*known, one)


def _expect(field: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        raise InvalidValue(
            f"media_{field}_unknown", f"There is no {name}.", f"Give one of {', '.join(known)}."
        )
