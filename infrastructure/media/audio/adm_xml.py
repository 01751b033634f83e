"""The XML of an Audio Definition Model, read as a stream: no entities, no tree, bounded."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO
from xml.parsers import expat

from deadwax.infrastructure.media.audio.header import Span

_MOST_BYTES = 256 * 1024 * 1024
"""Objects that move all the time take some 20 MB an hour."""
_MOST_NAMES = 100_000
_MOST_DEPTH = 64
_PIECE = 1 << 16


class UnreadableModel(Exception):
    """Says why."""


@dataclass
class Model:
    """The identifiers that are defined, and those that objects refer to; Hz and bits that tracks
    state."""

    packs: set[str] = field(default_factory=set)
    tracks: set[str] = field(default_factory=set)
    object_tracks: set[str] = field(default_factory=set)
    rates: set[int] = field(default_factory=set)
    bits: set[int] = field(default_factory=set)


def read_model(file: BinaryIO, axml: Span) -> Model:
    """Raises UnreadableModel."""
    if axml.length > _MOST_BYTES:
        raise UnreadableModel(f"it has {axml.length} bytes")
    reader = _Reader()
    file.seek(axml.start)
    left = axml.length
    try:
        while left and (piece := file.read(min(left, _PIECE))):
            left -= len(piece)
            reader.parser.Parse(piece.rstrip(b"\0") if not left else piece, not left)
    except (expat.ExpatError, LookupError, ValueError) as error:  # the latter of odd encodings
        raise UnreadableModel(str(error)) from None
    if not reader.model.tracks and not reader.model.packs:
        raise UnreadableModel("it describes no tracks")
    return reader.model


class _Reader:
    def __init__(self) -> None:
        self.model = Model()
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse_doctype
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self._within: list[str] = []
        self._text = ""
        self._names = 0

    def _refuse_doctype(self, *_: object) -> None:
        raise UnreadableModel("it has a document type, with which it could define entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._within.append(name)
        self._text = ""
        if len(self._within) > _MOST_DEPTH:
            raise UnreadableModel("it is nested too deep")
        if name == "audioPackFormat":
            self._add(self.model.packs, attributes.get("audioPackFormatID", ""))
        elif name == "audioTrackUID":
            self._add(self.model.tracks, attributes.get("UID", ""))
            self._number(self.model.rates, attributes.get("sampleRate", ""))
            self._number(self.model.bits, attributes.get("bitDepth", ""))

    def _data(self, text: str) -> None:
        if self._within[-1] == "audioTrackUIDRef" and len(self._text) < 64:
            self._text += text[:64]

    def _end(self, _: str) -> None:
        name = self._within.pop()
        if name == "audioTrackUIDRef" and "audioObject" in self._within:
            self._add(self.model.object_tracks, self._text.strip())

    def _add(self, names: set[str], name: str) -> None:
        self._names += 1
        if self._names > _MOST_NAMES:
            raise UnreadableModel("it has too many parts")
        if name and name != "ATU_00000000":
            names.add(name)

    def _number(self, numbers: set[int], text: str) -> None:
        if text.isascii() and text.isdigit() and len(text) < 9 and len(numbers) < 8:
            numbers.add(int(text))
