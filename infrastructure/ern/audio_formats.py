"""What a message says of an audio file's format: extension, container, codec, rates."""

from __future__ import annotations

from deadwax.domain.assets import AudioFacts
from deadwax.infrastructure.ern.write import leaf

# Container as measured: extension, and the DDEX ContainerFormat if the set has one. It has none
# for native FLAC and for MP3, where the codec says it all.
AUDIO_FORMATS: dict[str, tuple[str, str | None]] = {
    "WAV": ("wav", "WAV"),
    "AIFF": ("aiff", "AIFF"),
    "FLAC": ("flac", None),
    "MP4": ("m4a", "MP4"),
    "MP3": ("mp3", None),
    "Ogg": ("ogg", "Ogg"),
}
_EXTENSIONS = {("Ogg", "Opus"): "opus"}  # RFC 7845, 9
OWN_WORDS = frozenset({"ALAC", "Opus"})
"""Codecs that are in no edition of DDEX's set: said as UserDefined, with their names beside."""


def extension(facts: AudioFacts) -> str | None:
    """None for a format that has no place in a message."""
    usual = AUDIO_FORMATS.get(facts.container, (None,))[0]
    return _EXTENSIONS.get((facts.container, facts.codec), usual)


def container_format(facts: AudioFacts) -> str:
    return leaf("ContainerFormat", AUDIO_FORMATS[facts.container][1])


def codec_type(codec: str | None, sender: str) -> str:
    """`sender` is the DPID of who says a word of its own."""
    if codec not in OWN_WORDS:
        return leaf("AudioCodecType", codec)
    return leaf("AudioCodecType", "UserDefined", Namespace=sender, UserDefinedValue=codec)


def bit_rate(facts: AudioFacts) -> str:
    """Of lossy codecs, in bits per second as measured; of others it follows from the rest."""
    return leaf("BitRate", facts.bit_rate, UnitOfMeasure="bps")
