"""The boxes of an MP4 file with audio (ISO/IEC 14496-12), each bounded."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from deadwax.infrastructure.media.audio.header import refused
from deadwax.infrastructure.media.iso_boxes import MOST_BOXES, head_at, inside

_PARENTS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"})
_TABLES = frozenset({b"stsz", b"stsc", b"stco", b"co64"})
MOST_HEADER = 32 * 1024 * 1024
"""Bytes of an index: a day of AAC has half of it."""
_MOST_TRACKS = 100
_MOST_DEPTH = 8
_MOST_EDITS = 1000


@dataclass
class Track:
    """`entry` is the kind of its first sample entry, `body` what that holds."""

    handler: bytes = b""
    timescale: int = 0
    duration: int = 0
    skipped: int = 0
    """What the edit list leaves out at the beginning: the priming of the encoder."""
    played: int = 0
    """What it plays, in the time scale of the movie; 0 where there is none."""
    entry: bytes = b""
    body: bytes = b""
    tables: dict[bytes, bytes] = field(default_factory=dict)


@dataclass
class Mp4:
    """What the boxes of the file itself say; `end` is where the last whole one ends."""

    brand: bytes = b""
    moov: bytes = b""
    fragments: bool = False
    end: int = 0
    cut: int = 0
    """Bytes that the last box states beyond the end of the file."""


def read_boxes(file: BinaryIO, size: int) -> Mp4:
    """The media is stepped over. Raises Refused for an index that is far too large."""
    found, at = Mp4(brand=file.read(12)[8:]), 0
    for _ in range(MOST_BOXES):
        if at >= size:
            break
        kind, length, start = head_at(file, at, size)
        if length < start or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
            break
        found.fragments |= kind == b"moof"
        if kind == b"moov" and not found.moov and at + length <= size:
            if length > MOST_HEADER:
                raise refused("audio_header", f"The index of the file has {length} bytes.")
            file.seek(at + start)
            found.moov = file.read(length - start)
        found.cut = max(0, at + length - size)
        at += length
        found.end = min(at, size)
    return found


def read_index(moov: bytes) -> tuple[int, list[Track]]:
    """Ticks per second of the movie, and its tracks. Refused for boxes that are nested too deep;
    struct.error or IndexError for damaged ones."""
    scale, tracks = 0, list[Track]()
    for kind, body in inside(moov):
        if kind == b"mvhd":
            scale = struct.unpack_from(">I", body, 20 if body[0] == 1 else 12)[0]
        elif kind == b"trak" and len(tracks) < _MOST_TRACKS:
            tracks.append(Track())
            _fill(tracks[-1], body)
    return scale, tracks


def _fill(track: Track, data: bytes, depth: int = 0) -> None:
    if depth > _MOST_DEPTH:
        raise refused("audio_header", "The index of the MP4 file is nested too deep.")
    for kind, body in inside(data):
        if kind in _PARENTS:
            _fill(track, body, depth + 1)
        elif kind == b"mdhd":
            form, at = (">IQ", 20) if body[0] == 1 else (">II", 12)
            track.timescale, track.duration = struct.unpack_from(form, body, at)
        elif kind == b"elst":
            edits = struct.iter_unpack(*_edits(body))
            played = [(length, start) for length, start, _ in edits if start >= 0]
            track.played = sum(length for length, _ in played)
            track.skipped = played[0][1] if played else 0
        elif kind == b"hdlr" and not track.handler:
            track.handler = body[8:12]
        elif kind == b"stsd":
            track.entry, track.body = next(inside(body[8:]), (b"", b""))
        elif kind in _TABLES:
            track.tables[kind] = body


def _edits(elst: bytes) -> tuple[str, bytes]:
    """How to unpack which bytes: durations and starts, -1 for a gap."""
    form = ">QqI" if elst[0] == 1 else ">IiI"
    count = min(struct.unpack_from(">I", elst, 4)[0], _MOST_EDITS)
    return form, elst[8 : 8 + count * struct.calcsize(form)]
