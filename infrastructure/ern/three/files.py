"""Technical details: what a file is, what it is called, and how to verify it.

They stand in details by territory, and their references are unique in the message: the first
set has the reference of the file, a further set that reference with its own number.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deadwax.application.messages import MessageSpec
from deadwax.domain.assets import DOLBY_ATMOS, AudioFacts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.message_style import MessageStyle
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern import audio_formats
from deadwax.infrastructure.ern.contents import File
from deadwax.infrastructure.ern.file_details import HASH_DATA_TYPES, hash_value, preview_details
from deadwax.infrastructure.ern.write import leaf, node

Facts = AudioFacts | VideoFacts | ImageFacts | TextFacts

_IMMERSIVE_CODECS = {DOLBY_ATMOS: "Atmos"}
_KINDS = {
    AudioFacts: "SoundRecording",
    VideoFacts: "Video",
    ImageFacts: "Image",
    TextFacts: "Text",
}


def technical_details(
    spec: MessageSpec, file: File | None, place: int = 0, track: Track | None = None
) -> dict[str, str]:
    """The child that describes the file, by its name. Nothing for a file that is not sent: they
    are only to be given with the file (Release Profiles 1.4, 3.4).

    `place` counts the sets of details by territory; `track` says where a preview starts.
    """
    if file is None or not file.delivered:
        return {}
    asset = file.asset
    facts = asset.audio or asset.video or asset.image or asset.text
    assert facts is not None
    name = f"Technical{_KINDS[type(facts)]}Details"
    reference = f"{file.technical}-{place + 1}" if place else file.technical
    text = node(
        name,
        leaf("TechnicalResourceDetailsReference", reference),
        _facts(facts, spec.sender.dpid),
        preview_details(track) if track and track.preview_start is not None else "",
        _file(file, spec.style),
    )
    return {name: text}


# The files of a release have much the same properties.
@lru_cache(maxsize=1024)
def _facts(facts: Facts, sender: str) -> str:
    return "".join(_properties(facts, sender))


def _properties(facts: Facts, sender: str) -> Iterator[str]:
    """In the order of the XSD, which has them all between the reference and the preview."""
    if isinstance(facts, AudioFacts):
        yield audio_formats.container_format(facts)
        yield audio_formats.codec_type(audio_codec(facts), sender)
        yield audio_formats.bit_rate(facts)
        yield leaf("NumberOfChannels", facts.channels)
        yield leaf("SamplingRate", facts.sampling_rate, UnitOfMeasure="Hz")
        yield leaf("BitsPerSample", facts.bits_per_sample)
    elif isinstance(facts, VideoFacts):
        yield leaf("ContainerFormat", facts.container)
        yield leaf("VideoCodecType", facts.codec)
        yield leaf("FrameRate", facts.frame_rate)
        yield from _size(facts)
        yield leaf("AudioCodecType", facts.audio_codec)
        yield leaf("NumberOfAudioChannels", facts.audio_channels)
        yield leaf("AudioSamplingRate", facts.audio_sampling_rate, UnitOfMeasure="Hz")
    elif isinstance(facts, ImageFacts):
        yield leaf("ImageCodecType", facts.codec)
        yield from _size(facts)
    else:
        yield leaf("TextCodecType", facts.codec)


def _size(facts: VideoFacts | ImageFacts) -> Iterator[str]:
    yield leaf("ImageHeight", facts.height, UnitOfMeasure="Pixel")
    yield leaf("ImageWidth", facts.width, UnitOfMeasure="Pixel")


def audio_codec(audio: AudioFacts) -> str:
    """An immersive master is PCM by its container; what it is for is said by the codec, the
    only place that 3.8.x has for it."""
    return _IMMERSIVE_CODECS.get(audio.immersive or "", audio.codec)


def _file(file: File, style: MessageStyle) -> str:
    folder, slash, name = file.uri.rpartition("/")
    path = leaf("FilePath", folder + slash or None)
    return node("File", leaf("FileName", name), path, _hash_sum(file, style))


def _hash_sum(file: File, style: MessageStyle) -> str:
    return node(
        "HashSum",
        leaf("HashSum", hash_value(file.asset, style)),
        leaf("HashSumAlgorithmType", style.hash_algorithm.value),
        leaf("HashSumDataType", HASH_DATA_TYPES[style.hash_encoding]),
    )
