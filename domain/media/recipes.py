"""The forms into which a file can be rendered; a rendition is known by its source and recipe."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class AudioFormat(StrEnum):
    WAV = "wav"
    FLAC = "flac"
    MP3 = "mp3"
    AAC = "aac"
    OPUS = "opus"


@dataclass(frozen=True, kw_only=True)
class AudioRecipe:
    """`sampling_rate` (Hz) and `bits` None keep those of the source, and never raise them.
    `bitrate` is bits per second, of lossy formats. `loudness` (LUFS) is the integrated loudness
    to bring it to, None leaves the level alone; the true peak then stays at or below -1 dBTP.
    `start` and `length` (seconds) cut a preview, with fades of `fade` seconds.

    What is lossless and keeps rate, bits and level is proven to have the same samples.
    """

    format: AudioFormat
    sampling_rate: int | None = None
    bits: int | None = None
    bitrate: int | None = None
    loudness: float | None = None
    start: int | None = None
    length: int | None = None
    fade: float = 0.0
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


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
