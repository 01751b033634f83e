"""Tags and artwork as each format carries them, handed to ffmpeg as a file of words."""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

from PIL import Image

from deadwax.domain.media.recipes import AudioFormat, AudioRecipe
from deadwax.domain.media.tags import Tags

_JOINED = "; "
_FRONT_COVER = 3  # of the picture types of ID3v2.4 (4.14), which FLAC took over
_SPECIAL = re.compile(r"[=;#\\\n]")
# What ffmpeg has no word of its own for, by the name that each format knows.
_OWN_NAMES: Mapping[AudioFormat, Mapping[str, str]] = {
    AudioFormat.FLAC: {"isrc": "ISRC", "icpn": "BARCODE", "label": "LABEL"},
    AudioFormat.OPUS: {"isrc": "ISRC", "icpn": "BARCODE", "label": "LABEL"},
    AudioFormat.MP3: {"isrc": "TSRC", "icpn": "BARCODE", "label": "publisher"},
    AudioFormat.AAC: {},  # lost by ffmpeg: see m4a.py
}
_VORBIS = (AudioFormat.FLAC, AudioFormat.OPUS)


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """Files for ffmpeg beside the audio, which is its input 0."""

    words: str | None = None
    cover: str | None = None

    def options(self) -> list[str]:
        """To come behind the options of input 0."""
        inputs, mapped = [], ["-map", "0:a"]
        for path, demuxer in ((self.words, "ffmetadata"), (self.cover, "jpeg_pipe")):
            if path:
                inputs += ["-f", demuxer, "-protocol_whitelist", "file", "-i", f"file:{path}"]
        if self.cover:
            mapped += ["-map", f"{2 if self.words else 1}:v", "-c:v", "copy"]
            mapped += ["-disposition:v", "attached_pic", "-metadata:s:v", "comment=Cover (front)"]
        return [*inputs, *mapped, "-map_metadata", "1" if self.words else "-1"]

    def form(self, format: AudioFormat) -> list[str]:
        """To come among the options of the output. MP3: ID3v2.3, which every player reads."""
        if format is not AudioFormat.MP3:
            return []
        return ["-id3v2_version", "3" if self.words or self.cover else "0"]


@contextmanager
def inputs(recipe: AudioRecipe, cover: str | None) -> Iterator[Inputs]:
    """What a recipe wants written into the file; `cover` is the path of a JPEG."""
    words = _words(recipe.format, recipe.tags or Tags())
    if cover and recipe.format is AudioFormat.OPUS:  # Ogg has no pictures but in a comment
        words["METADATA_BLOCK_PICTURE"] = base64.b64encode(_picture_block(cover)).decode()
        cover = None
    if not words:
        yield Inputs(cover=cover)
        return
    with NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(";FFMETADATA1\n")
        for name, value in words.items():
            file.write(f"{name}={_SPECIAL.sub(lambda found: chr(92) + found[0], value)}\n")
        file.flush()
        yield Inputs(words=file.name, cover=cover)


def _words(format: AudioFormat, tags: Tags) -> dict[str, str]:
    said: dict[str, str | None] = {
        "title": tags.title,
        "artist": _JOINED.join(tags.artists),
        "album": tags.album,
        "album_artist": _JOINED.join(tags.album_artists),
        "genre": tags.genre,
        "copyright": tags.copyright,
        "date": tags.release_date,
    }
    for field, name in _OWN_NAMES[format].items():
        said[name] = getattr(tags, field)
    places = {"track": (tags.number, tags.tracks), "disc": (tags.disc, tags.discs)}
    for name, (number, total) in places.items():
        if format in _VORBIS:
            said[f"{name.upper()}NUMBER"] = str(number) if number else None
            said[f"{name.upper()}TOTAL"] = str(total) if total else None
        elif number:
            said[name] = f"{number}/{total}" if total else str(number)
    return {name: value for name, value in said.items() if value}


def _picture_block(path: str) -> bytes:
    """A JPEG as FLAC's PICTURE metadata block (RFC 9639, 8.8)."""
    with Image.open(path, formats=("JPEG",)) as picture:
        width, height = picture.size
    with open(path, "rb") as file:
        data = file.read()
    kind = b"image/jpeg"
    head = struct.pack(f">II{len(kind)}sI", _FRONT_COVER, len(kind), kind, 0)
    return head + struct.pack(">IIIII", width, height, 24, 0, len(data)) + data
