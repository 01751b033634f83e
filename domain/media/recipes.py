"""The forms into which a file can be rendered; a rendition is known by its source and recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.tags import Tags
from deadwax.domain.plain import from_plain

MOST_SECONDS = 24 * 60 * 60


class AudioFormat(StrEnum):
    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    AAC = "aac"
    OPUS = "opus"

    @property
    def lossless(self) -> bool:
        return self in (AudioFormat.WAV, AudioFormat.FLAC)

    @property
    def tagged(self) -> bool:
        """Whether it has a place for tags and a cover that every reader knows."""
        return self is not AudioFormat.WAV


SAMPLING_RATES = (44_100, 48_000, 88_200, 96_000, 176_400, 192_000)
BITS = (16, 24)
BITRATES: Mapping[AudioFormat, tuple[int, ...]] = {
    AudioFormat.MP3: (96_000, 128_000, 160_000, 192_000, 224_000, 256_000, 320_000),
    AudioFormat.AAC: (96_000, 128_000, 160_000, 192_000, 224_000, 256_000, 320_000),
    AudioFormat.OPUS: (64_000, 96_000, 128_000, 160_000, 192_000, 256_000),
}
LOUDNESS = (-30.0, -6.0)
"""Targets that are asked for, from and to, in LUFS."""


def _one_of(name: str, value: int | None, known: tuple[int, ...]) -> None:
    if value is not None and value not in known:
        raise _invalid(
            name, f"{value} is not offered.", f"Give one of {', '.join(map(str, known))}."
        )


def _absent(name: str, value: object, why: str) -> None:
    if value is not None:
        raise _invalid(name, f"There is no {name} to choose: {why}.", f"Leave {name} out.")


def _invalid(field: str, message: str, fix: str) -> InvalidValue:
    return InvalidValue(f"recipe_{field}", message, fix)


@dataclass(frozen=True, kw_only=True)
class AudioRecipe:
    """`sampling_rate` (Hz) and `bits` None keep those of the source, and never raise them.
    `bitrate` is bits per second, of lossy formats. `loudness` (LUFS) is the integrated loudness
    to bring it to, None leaves the level alone; the true peak then stays at or below -1 dBTP.
    `start` and `length` (seconds) cut a preview, with fades of `fade` seconds.

    What is lossless and keeps rate, bits and level is proven to have the same samples.

    `tags` and `cover` (the SHA-256 of a picture, embedded as COVER makes it) are written into the
    file; WAV has no place for them that every reader knows.
    """

    format: AudioFormat
    sampling_rate: int | None = None
    bits: int | None = None
    bitrate: int | None = None
    loudness: float | None = None
    start: int | None = None
    length: int | None = None
    fade: float = 0.0
    tags: Tags | None = None
    cover: Sha256 | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        # 1 and 1.0 are one recipe.
        object.__setattr__(self, "fade", float(self.fade))
        if self.loudness is not None:
            object.__setattr__(self, "loudness", float(self.loudness))
        if self.format.lossless:
            _one_of("bits", self.bits, BITS)
            _absent("bitrate", self.bitrate, f"{self.format} is lossless")
            _one_of("sampling_rate", self.sampling_rate, SAMPLING_RATES)
        else:
            _absent("bits", self.bits, f"{self.format} is lossy")
            _absent("sampling_rate", self.sampling_rate, f"that of {self.format} follows")
            if self.bitrate is None:
                raise _invalid("bitrate", f"{self.format} needs a bitrate.", "Give one.")
            _one_of("bitrate", self.bitrate, BITRATES[self.format])
        least, most = LOUDNESS
        if self.loudness is not None and not least <= self.loudness <= most:
            raise _invalid("loudness", f"{self.loudness} LUFS is too far.", f"{least} to {most}.")
        self._check_preview()
        if not self.format.tagged and (self.tags or self.cover):
            raise _invalid("tags", "WAV carries no tags or artwork.", "Choose flac.")

    def _check_preview(self) -> None:
        if self.length is None:
            _absent("start", self.start, "there is no length")
            _absent("fade", self.fade or None, "there is no length")
            return
        if not 1 <= self.length <= MOST_SECONDS or not 0 <= (self.start or 0) <= MOST_SECONDS:
            raise _invalid("length", f"{self.length} s from {self.start} s.", "Give seconds.")
        if not 0.0 <= self.fade <= self.length / 2:
            raise _invalid("fade", f"{self.fade} s of {self.length} s.", "At most half of it.")


@dataclass(frozen=True, kw_only=True)
class ImageRecipe:
    """A JPEG in sRGB without metadata, at most `pixels` on its longer side (never enlarged)."""

    pixels: int
    quality: int = 92
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


Recipe = AudioRecipe | ImageRecipe

AUDIO_RECIPES: dict[str, AudioRecipe] = {
    "wav": AudioRecipe(format=AudioFormat.WAV),
    "wav_16_44": AudioRecipe(format=AudioFormat.WAV, sampling_rate=44_100, bits=16),
    "wav_24_96": AudioRecipe(format=AudioFormat.WAV, sampling_rate=96_000, bits=24),
    "flac": AudioRecipe(format=AudioFormat.FLAC),
    "flac_16_44": AudioRecipe(format=AudioFormat.FLAC, sampling_rate=44_100, bits=16),
    "flac_24_96": AudioRecipe(format=AudioFormat.FLAC, sampling_rate=96_000, bits=24),
    "mp3_320": AudioRecipe(format=AudioFormat.MP3, bitrate=320_000),
    "aac_256": AudioRecipe(format=AudioFormat.AAC, bitrate=256_000),
    "opus_192": AudioRecipe(format=AudioFormat.OPUS, bitrate=192_000),
    "preview_mp3": AudioRecipe(
        format=AudioFormat.MP3, bitrate=192_000, start=0, length=30, fade=1.0
    ),
}
IMAGE_RECIPES: dict[str, ImageRecipe] = {
    f"jpeg_{pixels}": ImageRecipe(pixels=pixels) for pixels in (3000, 1400, 1000, 500)
}
COVER = IMAGE_RECIPES["jpeg_1000"]
"""How a cover is embedded in audio."""


def recipe_from_plain(plain: Mapping[str, Any]) -> Recipe:
    """A recipe that an event holds."""
    kind: type[Recipe] = AudioRecipe if "format" in plain else ImageRecipe
    return from_plain(kind, plain)
