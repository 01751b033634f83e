"""What a file is, by its bytes and never by its name alone."""

from __future__ import annotations

from deadwax.domain.assets import AudioFacts, Facts, TextFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.media import artwork, movie, texts
from deadwax.infrastructure.media.audio import adm
from deadwax.infrastructure.media.audio.header import Header
from deadwax.infrastructure.media.audio.headers import read_header
from deadwax.infrastructure.media.names import names_media

_LOSSLESS = frozenset({"PCM", "FLAC", "ALAC"})
_ARCHIVES = {
    b"PK\x03\x04": "ZIP archive",
    b"PK\x05\x06": "ZIP archive",
    b"Rar!\x1a\x07": "RAR archive",
    b"7z\xbc\xaf\x27\x1c": "7z archive",
    b"\x1f\x8b": "gzip archive",
    b"BZh": "bzip2 archive",
    b"\xfd7zXZ\0": "xz archive",
    b"\x28\xb5\x2f\xfd": "Zstandard archive",
}
_SCRIPTS = ("ffconcat", "#extm3u", "[playlist]", "<!doctype html", "<html", "#!")


def recognise(path: str, filename: str) -> Facts:
    """By its headers, without decoding. `filename` is what the label calls it. Raises Refused for
    what is no media of a known kind."""
    with open(path, "rb", buffering=0) as file:
        head = file.read(512)
        if not head:
            raise _refused("file_empty", "The file is empty.", "Upload the file again.")
        _refuse_containers(head)
        if picture := artwork.recognise_picture(head[:16], path):
            return picture
        if header := read_header(file):
            return _audio(header, adm.immersive_format(file, header))
    if video := movie.recognise_movie(head[:16], path):
        return video
    if text := texts.recognise_text(head, path):
        return _text(text, filename)
    raise _refused(
        "media_unknown",
        "The file is neither WAV, FLAC, AIFF, M4A, MP3, Opus or Vorbis audio, nor a JPEG, PNG, TIFF"
        " or WebP picture, nor a movie, nor a PDF, nor lyrics in UTF-8.",
        "Upload one of these.",
    )


def _refuse_containers(head: bytes) -> None:
    for start, name in _ARCHIVES.items():
        if head.startswith(start):
            fix = "Unpack it, and upload what is in it."
            raise _refused("file_archive", f"The file is a {name}.", fix)
    if head[257:262] == b"ustar":
        raise _refused("file_archive", "The file is a tar archive.", "Upload what is in it.")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(tuple(s.encode() for s in _SCRIPTS)):
        raise _refused(
            "file_script",
            "The file is a playlist, a script or a web page.",
            "Upload the media itself.",
        )


def _text(text: TextFacts, filename: str) -> TextFacts:
    if text.codec != "PDF" and names_media(filename):
        raise _refused(
            "media_unknown",
            "The file has the name of audio, a picture or a movie, but it is text.",
            "Upload the media itself.",
        )
    return text


def _audio(header: Header, immersive: str | None) -> AudioFacts:
    lossless, frames, rate = header.codec in _LOSSLESS, header.frames, header.sampling_rate
    return AudioFacts(
        container=header.container,
        codec=header.codec,
        channels=header.channels,
        sampling_rate=rate,
        bits_per_sample=header.stored_bits,
        duration_ms=frames * 1000 // rate,
        immersive=immersive,
        bit_rate=None if lossless else header.bit_rate or header.audio.length * 8 * rate // frames,
    )


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
