"""What the files that arrived are, as the DSP reads them itself, against what messages state.

Its own reading, by libsndfile, ffmpeg and Pillow: a mistake of our measurements would otherwise
agree with itself.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import soundfile
from PIL import Image, UnidentifiedImageError

from deadwax.infrastructure.media import ffmpeg

_SECONDS = 60
_BIT_RATE_OFF = 0.03
"""By how much a bit rate may differ from size by duration: headers are no audio."""
_DURATION_OFF = 1.0
_CONTAINERS = {"WAV": "WAV", "WAVEX": "WAV", "RF64": "WAV", "AIFF": "AIFF", "OGG": "Ogg"}
_CODECS = {"FLAC": "FLAC", "MPEG_LAYER_III": "MP3", "OPUS": "Opus", "VORBIS": "Vorbis"}
_BITS = {"PCM_16": "16", "PCM_24": "24", "PCM_32": "32"}
_FFMPEG_CODECS = {"aac": "AAC", "alac": "ALAC", "pcm": "PCM"}
_IMMERSIVE = ("Atmos", "DolbyAtmosMasterADM")
"""Said of what is PCM by its bytes."""

Values = Mapping[str, str]


def probed(path: Path) -> dict[str, str]:
    """What the file is, by the names of ERN's elements; empty for what is neither audio nor a
    picture that can be read."""
    for reader in (_picture, _sound, _by_ffmpeg):
        if found := reader(path):
            return found
    return {}


def differing(stated: Values, path: Path) -> Iterator[str]:
    """What the message says of the file otherwise than it is, in words; nothing of a video or a
    text, which are not looked into."""
    technical = {name: value for name, value in stated.items() if name in _COMPARED}
    of_sound_or_picture = technical.keys() & {"AudioCodecType", "ImageCodecType"}
    if "VideoCodecType" in stated or not of_sound_or_picture:
        return
    found = probed(path)
    if not found:
        yield f"{path.name} cannot be read as what the message states"
        return
    for name, value in technical.items():
        if not _agree(name, value, found.get(name, "")):
            yield f"{path.name}: {name} is {found.get(name, 'none')}, the message states {value}"
    for name in ("BitsPerSample", "BitRate"):
        if name in found and name not in technical:
            yield f"{path.name}: {name} is {found[name]}, the message does not say"


_COMPARED = (
    *("ContainerFormat", "AudioCodecType", "BitRate", "NumberOfChannels", "SamplingRate"),
    *("BitsPerSample", "Duration", "ImageCodecType", "ImageHeight", "ImageWidth"),
)


def _agree(name: str, stated: str, found: str) -> bool:
    if name == "AudioCodecType" and stated in _IMMERSIVE:
        return found == "PCM"
    if name == "Duration":
        return abs(_seconds(stated) - _number(found)) <= _DURATION_OFF
    if name == "BitRate":
        return abs(_number(stated) - _number(found)) <= _BIT_RATE_OFF * _number(found)
    return stated == found


def _picture(path: Path) -> dict[str, str]:
    with suppress(UnidentifiedImageError, OSError, SyntaxError), Image.open(path) as picture:
        return {
            "ImageCodecType": str(picture.format),
            "ImageHeight": str(picture.height),
            "ImageWidth": str(picture.width),
        }
    return {}


def _sound(path: Path) -> dict[str, str]:
    try:
        info: Any = soundfile.info(str(path))
    except (soundfile.LibsndfileError, OSError):
        return {}
    found = {
        "AudioCodecType": _CODECS.get(info.format) or _CODECS.get(info.subtype, "PCM"),
        "NumberOfChannels": str(info.channels),
        "SamplingRate": str(info.samplerate),
        "Duration": str(info.frames / info.samplerate),
    }
    if container := _CONTAINERS.get(info.format):
        found["ContainerFormat"] = container
    return _with_rate(found, _BITS.get(info.subtype), path)


_DURATION = re.compile(r"Duration: (\d+):(\d+):([\d.]+)")
_STREAM = re.compile(
    r"Audio: (\w+).*?, (\d+) Hz, ([\w.]+)(?:\([\w-]+\))?, (\w+)(?: \((\d+) bit\))?"
)
_CHANNELS = {"mono": "1", "stereo": "2"}


def _by_ffmpeg(path: Path) -> dict[str, str]:
    """M4A: what ffmpeg says of it before it is asked to do anything."""
    command = [ffmpeg.binary(), "-nostdin", "-hide_banner", *ffmpeg.source(str(path), "mov")]
    said = subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False
    ).stderr.decode("utf-8", "replace")
    stream, lasts = _STREAM.search(said), _DURATION.search(said)
    if stream is None or lasts is None:
        return {}
    codec, rate, channels, form, bits = stream.groups()
    hours, minutes, seconds = map(float, lasts.groups())
    found = {
        "ContainerFormat": "MP4",
        "AudioCodecType": _FFMPEG_CODECS.get(codec, codec),
        "NumberOfChannels": _CHANNELS.get(channels, channels),
        "SamplingRate": rate,
        "Duration": str(hours * 3600 + minutes * 60 + seconds),
    }
    lossless = {"s16p": "16", "s16": "16", "s32p": bits, "s32": bits}.get(form)
    return _with_rate(found, lossless, path)


def _with_rate(found: dict[str, str], bits: str | None, path: Path) -> dict[str, str]:
    """Bits of what is lossless, the bit rate of what is not."""
    if bits:
        return {**found, "BitsPerSample": bits}
    if found["AudioCodecType"] in ("PCM", "FLAC", "ALAC"):
        return found
    seconds = float(found["Duration"])
    return {**found, "BitRate": str(round(path.stat().st_size * 8 / seconds))} if seconds else found


_ISO_DURATION = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?")


def _seconds(duration: str) -> float:
    match = _ISO_DURATION.fullmatch(duration)
    hours, minutes, seconds = (float(part or 0) for part in match.groups()) if match else (0, 0, 0)
    return hours * 3600 + minutes * 60 + seconds


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
