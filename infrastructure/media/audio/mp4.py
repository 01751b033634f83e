"""Audio in MP4 (M4A), read strictly: ISO/IEC 14496-12 boxes, 14496-14 and Apple's ALAC."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio import aac
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of
from deadwax.infrastructure.media.audio.mp4_boxes import (
    MOST_HEADER,
    Mp4,
    Track,
    read_boxes,
    read_index,
)
from deadwax.infrastructure.media.iso_boxes import inside

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


def is_mp4(head: bytes) -> bool:
    return head[4:8] == b"ftyp"


def read(file: BinaryIO) -> Header | None:
    """None for what holds video, or could. Raises Refused for what cannot be read as audio."""
    size = size_of(file)
    boxes = read_boxes(file, size)
    if not boxes.moov:
        if boxes.brand not in _AUDIO_BRANDS:
            return None
        raise refused("audio_header", "The MP4 file has no index (moov): it is not complete.")
    try:
        scale, tracks = read_index(boxes.moov)
        if any(track.handler == b"vide" for track in tracks):
            return None
        track = next((track for track in tracks if track.handler == b"soun"), None)
        if track is None:
            raise refused("media_unknown", "The MP4 file has neither audio nor video.")
        return _header(track, boxes, scale, size)
    except (struct.error, IndexError):
        raise refused("audio_header", "The index of the MP4 file is damaged.") from None


def _header(track: Track, boxes: Mp4, scale: int, size: int) -> Header:
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
    packets = _sizes(track.tables.get(b"stsz", b""))
    if boxes.fragments:
        raise refused("audio_header", "The MP4 file is in fragments, as they are for streaming.")
    if not packets.sum() or not track.timescale:
        raise refused("audio_empty", "The MP4 file has a header but no samples.")
    frames, slack = _length(track, scale, rate)
    first, last = _extent(track.tables, packets)
    return Header(
        container="MP4",
        codec=codec,
        channels=channels,
        sampling_rate=rate,
        bits=bits,
        frames=frames,
        slack=slack if bits else rate // 10,
        audio=Span(start=first, length=min(int(packets.sum()), size)),
        faults=tuple(_faults(boxes, size, last)),
    )


def _alac(body: bytes) -> tuple[int, int, int | None]:
    """Channels, rate and bits of the decoder's configuration (ALACSpecificConfig)."""
    for kind, inner in _described(body):
        if kind == b"alac" and len(inner) >= 28:
            _, _, bits, _, _, _, channels = struct.unpack_from(">IBBBBBB", inner, 4)
            return channels, struct.unpack_from(">I", inner, 24)[0], bits
    raise refused("audio_header", "The ALAC audio has no configuration.")


def _aac(body: bytes) -> tuple[int, int, None]:
    """Channels and rate of the decoder's configuration."""
    for kind, inner in _described(body):
        if kind == b"esds":
            channels, rate = aac.read(inner[4:])
            return channels or struct.unpack_from(">H", body, 16)[0], rate, None
    raise refused("audio_header", "The AAC audio has no configuration.")


def _described(body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The boxes behind the fixed fields of an audio sample entry; QuickTime's versions have more
    such fields, and the boxes within another one."""
    version = struct.unpack_from(">H", body, 8)[0]
    for kind, inner in inside(body[28 + {1: 16, 2: 36}.get(version, 0) :]):
        if kind == b"wave":
            yield from inside(inner)
        else:
            yield kind, inner


def _sizes(stsz: bytes) -> NDArray[Any]:
    """The bytes of every sample (packet)."""
    if len(stsz) < 12:
        return np.empty(0, np.int64)
    each, count = struct.unpack_from(">II", stsz, 4)
    if each:
        return np.broadcast_to(np.int64(each), min(count, MOST_HEADER))
    count = min(count, (len(stsz) - 12) // 4)
    return np.frombuffer(stsz, ">u4", count, 12).astype(np.int64)


def _extent(tables: dict[bytes, bytes], sizes: NDArray[Any]) -> tuple[int, int]:
    """Where the first chunk begins, and where the last one must end."""
    starts = _starts(tables)
    stsc = tables.get(b"stsc", b"")
    runs = np.frombuffer(stsc, ">u4", (len(stsc) - 8) // 12 * 3, 8) if len(stsc) >= 20 else None
    if runs is None or not len(starts):
        raise refused("audio_header", "The index of the MP4 file points to no audio.")
    first, each = runs.reshape(-1, 3)[:, :2].astype(np.int64).T
    # Packets in all chunks but the last: runs of chunks, from one that is named to the next.
    chunks = np.diff(np.append(np.minimum(first, len(starts)), len(starts)))
    before = int(np.maximum(0, chunks) @ each)
    return int(starts.min()), int(starts[-1]) + int(sizes[before:].sum())


def _starts(tables: dict[bytes, bytes]) -> NDArray[Any]:
    """Where the chunks begin."""
    wide = b"co64" in tables
    table, width = tables.get(b"co64" if wide else b"stco", b""), 8 if wide else 4
    if len(table) < 8:
        return np.empty(0, np.uint64)
    count = min(struct.unpack_from(">I", table, 4)[0], (len(table) - 8) // width)
    return np.frombuffer(table, f">u{width}", count, 8)


def _length(track: Track, movie_scale: int, rate: int) -> tuple[int, int]:
    """Frames to be played, and by how many the decoder may differ: what an edit list cuts off at
    the end is only stated in the time scale of the movie."""
    whole = max(0, track.duration - track.skipped) * rate // track.timescale
    edited = track.played * rate // movie_scale if movie_scale else 0
    tick = -(-rate // movie_scale) if movie_scale else 0
    cut = 0 < edited < whole - tick
    return (edited, tick) if cut else (whole, 0)


def _faults(boxes: Mp4, size: int, last: int) -> Iterator[Fault]:
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
