"""Reading what a media file is from its bytes, never from its name."""

from __future__ import annotations

import warnings

import soundfile
from PIL import Image, UnidentifiedImageError

from deadwax.domain.assets import AudioFacts, Facts, ImageFacts, TextFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.media import movie, texts
from deadwax.infrastructure.media.riff import immersive_format

# libsndfile's names to the DDEX values (ContainerFormat, AudioCodecType) and bits.
_CONTAINERS = {"WAV": "WAV", "WAVEX": "WAV", "RF64": "WAV", "FLAC": "FLAC", "AIFF": "AIFF"}
_CODECS = {"WAV": "PCM", "FLAC": "FLAC", "AIFF": "PCM"}
_BITS = {"PCM_16": 16, "PCM_24": 24, "PCM_32": 32}
_MAX_PIXELS = 100_000_000


class SoundfileProbe:
    """Audio by libsndfile, pictures by Pillow, movies, booklets and lyrics by their headers;
    what none of them knows is refused."""

    def measure(self, path: str) -> Facts:
        with open(path, "rb") as file:
            head = file.read(16)
        if not head:
            raise _refused("file_empty", "The file is empty.", "Upload the file again.")
        if video := movie.recognise_movie(head, path):
            return video
        return _picture(path) if _is_picture(head) else _audio(path)


def _is_picture(head: bytes) -> bool:
    return head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"))


def _audio(path: str) -> AudioFacts | TextFacts:
    try:
        info = soundfile.info(path)
    except soundfile.LibsndfileError:
        with open(path, "rb") as file:
            text = texts.recognise_text(file.read(16), path)
        if text is not None:
            return text
        raise _refused(
            "media_unknown",
            "The file is neither WAV, FLAC or AIFF audio, nor a JPEG or PNG picture, nor an MP4"
            " or QuickTime movie, nor a PDF, nor lyrics in UTF-8.",
            "Upload one of these.",
        ) from None
    container = _CONTAINERS.get(info.format)
    bits = _BITS.get(info.subtype)
    if container is None or bits is None:
        raise _refused(
            "audio_format",
            f"{info.format_info} with {info.subtype_info} cannot be delivered.",
            "Upload 16 or 24 bit PCM as WAV or AIFF, or FLAC.",
        )
    if info.frames <= 0:
        raise _refused("audio_empty", "The audio has no samples.", "Upload the file again.")
    return AudioFacts(
        container=container,
        codec=_CODECS[container],
        channels=info.channels,
        sampling_rate=info.samplerate,
        bits_per_sample=bits,
        duration_ms=info.frames * 1000 // info.samplerate,
        immersive=immersive_format(path) if container == "WAV" else None,
    )


def _picture(path: str) -> ImageFacts:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=("JPEG", "PNG")) as picture:
                if picture.width * picture.height > _MAX_PIXELS:
                    raise _refused(
                        "picture_too_large",
                        f"The picture has {picture.width} x {picture.height} pixels.",
                        f"Stay below {_MAX_PIXELS // 1_000_000} million pixels.",
                    )
                codec, width, height = str(picture.format), picture.width, picture.height
                picture.load()
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombWarning):
        raise _refused(
            "picture_broken", "The picture cannot be read to its end.", "Export it again."
        ) from None
    return ImageFacts(codec=codec, width=width, height=height)


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
