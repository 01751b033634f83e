"""In which form a platform wants its files, and whose limits they are held against."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.media.limits import PLATFORMS
from deadwax.domain.media.recipes import AUDIO_RECIPES, IMAGE_RECIPES


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
        _expect("audio", self.audio, AUDIO_RECIPES)
        for name in self.other_audio:
            _expect("other_audio", name, AUDIO_RECIPES)
        _expect("artwork", self.artwork, IMAGE_RECIPES)
        _expect("limits", self.limits, PLATFORMS)


def _expect(field: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        raise InvalidValue(
            f"media_{field}_unknown", f"There is no {name}.", f"Give one of {', '.join(known)}."
        )
