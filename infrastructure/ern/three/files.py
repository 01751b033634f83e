"""Technical details: what a file is, what it is called, and how to verify it.

They stand in details by territory, and their references are unique in the message: the first
set has the reference of the file, a further set that reference with its own number.
"""

from __future__ import annotations

import base64

from deadwax.application.messages import MessageSpec
from deadwax.domain.assets import AudioFacts, VideoFacts
from deadwax.domain.message_style import HashAlgorithm, HashEncoding, MessageStyle
from deadwax.domain.tracks import Track
from deadwax.infrastructure.ern.contents import AUDIO_FORMATS, File
from deadwax.infrastructure.ern.display import duration
from deadwax.infrastructure.ern.write import Writer, leaf, node

_IMMERSIVE_CODECS = {"DolbyAtmos": "Atmos"}
# Digests in hexadecimal need no word: DDEX's own samples have none.
_DATA_TYPES = {HashEncoding.HEX: None, HashEncoding.BASE64: "Binary64"}


def technical_details(
    w: Writer, spec: MessageSpec, file: File | None, place: int = 0, track: Track | None = None
) -> dict[str, str]:
    """The child that describes the file, by its name. Nothing for a file that is not sent: they
    are only to be given with the file (Release Profiles 1.4, 3.4).

    `place` counts the sets of details by territory; `track` says where a preview starts.
    """
    if file is None or not file.delivered:
        return {}
    asset = file.asset
    name, children = "TechnicalTextDetails", {}
    if asset.audio:
        name, children = "TechnicalSoundRecordingDetails", _audio(asset.audio)
    elif asset.video:
        name, children = "TechnicalVideoDetails", _video(asset.video)
    elif asset.image:
        name = "TechnicalImageDetails"
        children = {
            "ImageCodecType": leaf("ImageCodecType", asset.image.codec),
            "ImageHeight": leaf("ImageHeight", asset.image.height, UnitOfMeasure="Pixel"),
            "ImageWidth": leaf("ImageWidth", asset.image.width, UnitOfMeasure="Pixel"),
        }
    elif asset.text:
        children = {"TextCodecType": leaf("TextCodecType", asset.text.codec)}
    reference = f"{file.technical}-{place + 1}" if place else file.technical
    children["TechnicalResourceDetailsReference"] = leaf(
        "TechnicalResourceDetailsReference", reference
    )
    children["PreviewDetails"] = _preview(track)
    children["File"] = _file(w, file, spec.style)
    return {name: w.composite(name, children)}


def _audio(audio: AudioFacts) -> dict[str, str]:
    _, container = AUDIO_FORMATS[audio.container]
    codec = _IMMERSIVE_CODECS.get(audio.immersive or "", audio.codec)
    return {
        "ContainerFormat": leaf("ContainerFormat", container),
        "AudioCodecType": leaf("AudioCodecType", codec),
        "NumberOfChannels": leaf("NumberOfChannels", audio.channels),
        "SamplingRate": leaf("SamplingRate", audio.sampling_rate, UnitOfMeasure="Hz"),
        "BitsPerSample": leaf("BitsPerSample", audio.bits_per_sample),
    }


def _video(video: VideoFacts) -> dict[str, str]:
    audio_rate = video.audio_sampling_rate
    return {
        "ContainerFormat": leaf("ContainerFormat", video.container),
        "VideoCodecType": leaf("VideoCodecType", video.codec),
        "FrameRate": leaf("FrameRate", video.frame_rate),
        "ImageHeight": leaf("ImageHeight", video.height, UnitOfMeasure="Pixel"),
        "ImageWidth": leaf("ImageWidth", video.width, UnitOfMeasure="Pixel"),
        "AudioCodecType": leaf("AudioCodecType", video.audio_codec),
        "NumberOfAudioChannels": leaf("NumberOfAudioChannels", video.audio_channels),
        "AudioSamplingRate": leaf("AudioSamplingRate", audio_rate, UnitOfMeasure="Hz"),
    }


def _preview(track: Track | None) -> str:
    """The DSP is to cut it, so no file comes with it."""
    if track is None or track.preview_start is None:
        return ""
    length = track.preview_length
    return node(
        "PreviewDetails",
        leaf("StartPoint", track.preview_start),
        leaf("Duration", None if length is None else duration(length)),
        leaf("ExpressionType", "Instructive"),
    )


def _file(w: Writer, file: File, style: MessageStyle) -> str:
    if "://" in file.uri:
        where = {"URL": leaf("URL", file.uri)}
    else:
        folder, slash, name = file.uri.rpartition("/")
        where = {
            "FileName": leaf("FileName", name),
            "FilePath": leaf("FilePath", folder + slash or None),
        }
    return w.composite("File", {**where, "HashSum": _hash_sum(file, style)})


def _hash_sum(file: File, style: MessageStyle) -> str:
    asset, encoding = file.asset, style.hash_encoding
    value = asset.md5 if style.hash_algorithm is HashAlgorithm.MD5 else asset.sha256
    if encoding is HashEncoding.BASE64:
        value = base64.b64encode(bytes.fromhex(value)).decode()
    return node(
        "HashSum",
        leaf("HashSum", value),
        leaf("HashSumAlgorithmType", style.hash_algorithm.value),
        leaf("HashSumDataType", _DATA_TYPES[encoding]),
    )
