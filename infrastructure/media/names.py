"""What the ending of a file's name says of its content."""

from __future__ import annotations

from pathlib import PurePath

from deadwax.domain.assets import AudioFacts, Facts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.media.measured import Fault

# By container of audio and video, by codec of pictures and texts.
_ENDINGS = {
    "WAV": ("wav", "wave", "bwf", "rf64", "bw64"),
    "AIFF": ("aif", "aiff", "aifc"),
    "FLAC": ("flac",),
    "MP4": ("mp4", "m4a", "m4v", "m4b"),
    "MP3": ("mp3",),
    "Ogg": ("ogg", "oga", "opus"),
    "QuickTime": ("mov", "qt"),
    "WebM": ("webm",),
    "JPEG": ("jpg", "jpeg", "jpe", "jfif"),
    "PNG": ("png",),
    "TIFF": ("tif", "tiff"),
    "WebP": ("webp",),
    "PDF": ("pdf",),
    "UTF8Text": ("txt",),
    "LRC": ("lrc", "txt"),
    "EnhancedLRC": ("lrc", "elrc", "txt"),
}
# Of formats that are not taken: a file that has such a name and is taken has a wrong one.
_OTHERS = frozenset({"aac", "ac3", "ape", "dsf", "dff", "m4p", "mp2", "w64", "wma", "wv", "gif"})
_KNOWN = _OTHERS.union(*_ENDINGS.values())
_OF_TEXTS = frozenset({"txt", "lrc", "elrc", "pdf"})


def names_media(filename: str) -> bool:
    """Whether it ends as that of audio, a picture or a movie."""
    return _ending(filename) in _KNOWN - _OF_TEXTS


def differs(filename: str, facts: Facts) -> Fault | None:
    """A fault where the name ends as that of another format; endings that nobody here knows, and
    names without one, say nothing."""
    ending, endings = _ending(filename), _ENDINGS.get(_form(facts), ())
    if ending not in _KNOWN or ending in endings or not endings:
        return None
    return Fault(
        code="extension_differs",
        message=f"The file is named .{ending}, but it is {_form(facts)}.",
        value=ending,
        limit=endings[0],
    )


def _ending(filename: str) -> str:
    return PurePath(filename).suffix.lower().removeprefix(".")


def _form(facts: Facts) -> str:
    match facts:
        case AudioFacts() | VideoFacts():
            return facts.container
        case ImageFacts() | TextFacts():
            return facts.codec
