"""Audio in MP4 (M4A), read strictly: ISO/IEC 14496-12 boxes, 14496-14 and Apple's ALAC."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio import aac
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of

_CODECS = {b"mp4a": "AAC", b"alac": "ALAC"}
_AUDIO_BRANDS = frozenset({b"M4A ", b"M4B ", b"M4P "})
_ENCRYPTED = frozenset({b"enca", b"drms", b"drma"})
_OTHERS = {
    b"ec-3": "Dolby Digital Plus",
    b"ac-3": "Dolby Digital",
    b"ac-4": "AC-4",
    b"Opus": "Opus",
    b"fLaC": "FLAC",
    b".mp3": "MP3",
}
_PARENTS = frozenset({b"moov", b"trak", b"edts", b"mdia", b"minf", b"stbl"})
_MOST_HEADER = 64 * 1024 * 1024
_MOST_BOXES = 10_000


@dataclass
class _Track:
    handler: bytes = b""
    timescale: int = 0
    duration: int = 0
    skipped: int = 0
    """What the edit list leaves out at the beginning: the priming of the encoder."""
    entry: bytes = b""
    body: bytes = b""
    tables: dict[bytes, bytes] = field(default_factory=dict)


@dataclass
class _File:
    brand: bytes = b""
    moov: bytes = b""
    fragments: bool = False
    end: int = 0
    cut: int = 0
    """Bytes that the last box states beyond the end of the file."""


def is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def read(file: BinaryIO) -> Header | None:
    """None for what holds video, or could. Raises Refused for what cannot be read as audio."""
    size = size_of(file)
    boxes = _top(file, size)
    if not boxes.moov:
        if boxes.brand not in _AUDIO_BRANDS:
            return None
        raise refused("audio_header", "The MP4 file has no index (moov): it is not complete.")
    try:
        tracks = list(_tracks(boxes.moov))
        if any(track.handler == b"vide" for track in tracks):
            return None
        track = next((track for track in tracks if track.handler == b"soun"), None)
        if track is None:
            raise refused("media_unknown", "The MP4 file has neither audio nor video.")
        return _header(track, boxes, size)
    except (struct.error, IndexError):
        raise refused("audio_header", "The index of the MP4 file is damaged.") from None


def _header(track: _Track, boxes: _File, size: int) -> Header:
    if track.entry in _ENCRYPTED:
        raise refused(
            "audio_encrypted",
            "The audio is protected by DRM.",
            "Export the original, as WAV or FLAC.",
        )
    codec = _CODECS.get(track.entry)
    if codec is None:
        said = track.entry.decode("latin-1")
        name = _OTHERS.get(track.entry, repr(said) if said else "nothing")
        raise refused("audio_codec", f"The MP4 file holds {name}, not AAC or ALAC.")
    channels, rate, bits = (_alac if codec == "ALAC" else _aac)(track.body)
    samples, stored = _sizes(track.tables.get(b"stsz", b""))
    if boxes.fragments:
        raise refused("audio_header", "The MP4 file is in fragments, as they are for streaming.")
    if not samples or not track.timescale:
        raise refused("audio_empty", "The MP4 file has a header but no samples.")
    played = max(0, track.duration - track.skipped)
    first, last = _extent(track.tables, stored, samples)
    return Header(
        container="MP4",
        codec=codec,
        channels=channels,
        sampling_rate=rate,
        bits=bits,
        frames=played * rate // track.timescale,
        audio=Span(start=first, length=min(sum(stored), size)),
        faults=tuple(_faults(boxes, size, last)),
    )


def _alac(body: bytes) -> tuple[int, int, int | None]:
    """Channels, rate and bits of the decoder's configuration (ALACSpecificConfig)."""
    for kind, inner in _inside(_after_entry(body)):
        if kind == b"wave":
            return _alac(b"\0" * 28 + inner)
        if kind == b"alac" and len(inner) >= 28:
            _, _, bits, _, _, _, channels = struct.unpack_from(">IBBBBBB", inner, 4)
            return channels, struct.unpack_from(">I", inner, 24)[0], bits
    raise refused("audio_header", "The ALAC audio has no configuration.")


def _aac(body: bytes) -> tuple[int, int, None]:
    """Channels and rate of the decoder's configuration."""
    for kind, inner in _inside(_after_entry(body)):
        if kind == b"wave":
            return _aac(body[:28] + inner)
        if kind == b"esds":
            channels, rate = aac.read(inner[4:])
            return channels or struct.unpack_from(">H", body, 16)[0], rate, None
    raise refused("audio_header", "The AAC audio has no configuration.")


def _after_entry(body: bytes) -> bytes:
    """The boxes behind the fixed fields of an audio sample entry, of QuickTime's versions too."""
    version = struct.unpack_from(">H", body, 8)[0]
    return body[28 + {1: 16, 2: 36}.get(version, 0) :]


def _sizes(stsz: bytes) -> tuple[int, tuple[int, ...]]:
    """How many samples (packets) there are, and their sizes."""
    if len(stsz) < 12:
        return 0, ()
    each, count = struct.unpack_from(">II", stsz, 4)
    if each:
        return count, (each * count,)
    count = min(count, (len(stsz) - 12) // 4)
    return count, struct.unpack_from(f">{count}I", stsz, 12)


def _extent(tables: dict[bytes, bytes], sizes: tuple[int, ...], samples: int) -> tuple[int, int]:
    """Where the first chunk begins, and where the last one must end."""
    wide = b"co64" in tables
    offsets = tables.get(b"co64") or tables.get(b"stco") or b""
    count = min(struct.unpack_from(">I", offsets, 4)[0], (len(offsets) - 8) // (8 if wide else 4))
    runs, stsc = [], tables.get(b"stsc", b"")
    for at in range(8, len(stsc) - 11, 12):
        runs.append(struct.unpack_from(">II", stsc, at))
    if not count or not runs:
        raise refused("audio_header", "The index of the MP4 file points to no audio.")
    starts = struct.unpack_from(f">{count}{'Q' if wide else 'I'}", offsets, 8)
    last_first, in_chunk = runs[-1]
    before = 0
    for (first, each), (following, _) in pairwise(runs):
        before += max(0, following - first) * each
    before += max(0, count - last_first) * in_chunk
    tail = sum(sizes[before:]) if len(sizes) > 1 else sizes[0] * (samples - before) // samples
    return min(starts), starts[-1] + max(0, tail)


def _top(file: BinaryIO, size: int) -> _File:
    found, at = _File(brand=file.read(12)[8:]), 0
    for _ in range(_MOST_BOXES):
        if at >= size:
            break
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head) if len(head) >= 8 else (0, b"")
        start = 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0 and kind == b"mdat":
            length = size - at
        if length < start or not all(0x20 <= byte < 0x7F or byte == 0xA9 for byte in kind):
            break
        found.fragments |= kind == b"moof"
        if kind == b"moov" and not found.moov and at + length <= size:
            if length > _MOST_HEADER:
                raise refused("audio_header", f"The index of the file has {length} bytes.")
            file.seek(at + start)
            found.moov = file.read(length - start)
        found.cut = max(0, at + length - size)
        at += length
        found.end = min(at, size)
    return found


def _inside(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        if length < 8 or at + length > len(data):
            return
        yield kind, data[at + 8 : at + length]
        at += length


def _tracks(moov: bytes) -> Iterator[_Track]:
    for kind, body in _inside(moov):
        if kind == b"trak":
            track = _Track()
            _fill(track, body)
            yield track


def _fill(track: _Track, data: bytes) -> None:
    for kind, body in _inside(data):
        if kind in _PARENTS:
            _fill(track, body)
        elif kind == b"mdhd":
            form, at = (">IQ", 20) if body[0] == 1 else (">II", 12)
            track.timescale, track.duration = struct.unpack_from(form, body, at)
        elif kind == b"elst" and struct.unpack_from(">I", body, 4)[0]:
            form, at = (">q", 16) if body[0] == 1 else (">i", 12)
            track.skipped = max(0, struct.unpack_from(form, body, at)[0])
        elif kind == b"hdlr" and not track.handler:
            track.handler = body[8:12]
        elif kind == b"stsd":
            track.entry, track.body = next(_inside(body[8:]), (b"", b""))
        elif kind in (b"stsz", b"stsc", b"stco", b"co64"):
            track.tables[kind] = body


def _faults(boxes: _File, size: int, last: int) -> Iterator[Fault]:
    if boxes.cut or last > size:
        yield Fault(
            code="truncated",
            message="The file ends before its audio does.",
            value=size,
            limit=max(last, size + boxes.cut),
        )
    if size > boxes.end:
        yield Fault(
            code="data_after_end",
            message="Bytes that belong to nothing follow the end of the file's content.",
            value=size - boxes.end,
            limit=0,
        )
