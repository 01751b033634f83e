"""What a file is, by its bytes and never by its name alone."""

from __future__ import annotations

from deadwax.domain.assets import AudioFacts, Facts
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.media import artwork, movie, texts
from deadwax.infrastructure.media.audio.header import Header
from deadwax.infrastructure.media.audio.headers import read_header
from deadwax.infrastructure.media.riff import immersive_format


def recognise(path: str, filename: str) -> Facts:
    """By its headers, without decoding. `filename` is what the label calls it. Raises Refused for
    what is no media of a known kind."""
    with open(path, "rb", buffering=0) as file:
        head = file.read(16)
        if not head:
            raise _refused("file_empty", "The file is empty.", "Upload the file again.")
        if picture := artwork.recognise_picture(head, path):
            return picture
        if header := read_header(file):
            return _audio(header, path)
    if video := movie.recognise_movie(head, path):
        return video
    if text := texts.recognise_text(head, path):
        return text
    raise _refused(
        "media_unknown",
        "The file is neither WAV, FLAC, AIFF, M4A, MP3 or Ogg audio, nor a JPEG, PNG, TIFF or WebP"
        " picture, nor an MP4, QuickTime or WebM movie, nor a PDF, nor lyrics in UTF-8.",
        "Upload one of these.",
    )


def _audio(header: Header, path: str) -> AudioFacts:
    frames = header.frames or 0
    return AudioFacts(
        container=header.container,
        codec=header.codec,
        channels=header.channels,
        sampling_rate=header.sampling_rate,
        bits_per_sample=header.bits,
        duration_ms=frames * 1000 // header.sampling_rate,
        immersive=immersive_format(path) if header.container == "WAV" else None,
    )


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
