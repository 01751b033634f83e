"""What a recipe makes of a given source: rate, bits, and whether its samples stay as they are."""

from __future__ import annotations

from dataclasses import dataclass

from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.recipes import AudioFormat, AudioRecipe
from deadwax.infrastructure.media.audio.header import Header

_LOSSLESS = ("PCM", "FLAC", "ALAC")
_LOSSY_RATES = (48_000, 44_100, 32_000)
_OPUS_RATE = 48_000
_MOST_CHANNELS = {AudioFormat.WAV: 128, AudioFormat.FLAC: 8}
_MOST_LOSSY_CHANNELS = 2
_MOST_BITS = {AudioFormat.WAV: 32, AudioFormat.FLAC: 24}
_BITS_OF_FLOAT = 24


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`bits` is None for a lossy format. `exact`: the samples are those of the source. `frames`
    are at most so many, as far as the source says."""

    recipe: AudioRecipe
    channels: int
    source_rate: int
    sampling_rate: int
    bits: int | None
    exact: bool
    frames: int | None


def planned(header: Header, recipe: AudioRecipe) -> Plan:
    """Refused where no such rendition can be made of the source, or should not be."""
    lossless = recipe.format.lossless
    if lossless and header.codec not in _LOSSLESS:
        raise refused(
            "rendition_of_lossy",
            f"The source is {header.codec}: what that left out does not come back in a lossless"
            f" file, which would pass for a master.",
            "Upload the lossless master, or choose a lossy recipe.",
        )
    most = _MOST_CHANNELS.get(recipe.format, _MOST_LOSSY_CHANNELS)
    if header.channels > most:
        raise refused(
            "rendition_channels",
            f"The source has {header.channels} channels, {recipe.format} takes {most} at most.",
            "Choose wav or flac, or upload a stereo version.",
        )
    rate = _rate(header, recipe)
    bits = _bits(header, recipe) if lossless else None
    exact = (
        bits is not None
        and header.bits is not None
        and header.bits <= bits
        and rate == header.sampling_rate
        and recipe.loudness is None
        and recipe.length is None
    )
    return Plan(
        recipe=recipe,
        channels=header.channels,
        source_rate=header.sampling_rate,
        sampling_rate=rate,
        bits=bits,
        exact=exact,
        frames=header.frames and -(-header.frames * rate // header.sampling_rate),
    )


def _rate(header: Header, recipe: AudioRecipe) -> int:
    rate = header.sampling_rate
    if recipe.format is AudioFormat.OPUS:
        return _OPUS_RATE  # the codec's own: RFC 7845, 5.1
    if recipe.format.lossless:
        return min(rate, recipe.sampling_rate or rate)
    if rate in _LOSSY_RATES:
        return rate
    if rate % 44_100 == 0 or 44_100 < rate < 48_000:
        return 44_100
    if rate > 48_000:
        return 48_000
    raise refused(
        "rendition_rate",
        f"The source has {rate} samples per second, too few for {recipe.format}.",
        "Upload the master at 44,100 or more, or choose flac.",
    )


def _bits(header: Header, recipe: AudioRecipe) -> int:
    """In whole bytes from two on: 12 bits are written as 16, which changes no sample."""
    source = _BITS_OF_FLOAT if header.bits is None else max(16, -(-header.bits // 8) * 8)
    return min(source, recipe.bits or source, _MOST_BITS[recipe.format])


def refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The rendition was not made", [Problem(code, "recipe", message, fix)])
