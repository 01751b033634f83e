"""MP4 and QuickTime headers, read strictly: ISO/IEC 14496-12 boxes, no decoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import atan2, degrees
from typing import BinaryIO

from deadwax.infrastructure.media.iso_boxes import MOST_BOXES, head_at, inside
from deadwax.infrastructure.media.movie_parts import Movie, Sound, Unreadable, View

_BRANDS = {b"qt  ": "QuickTime"}
# Sample entries to DDEX VideoCodecType and AudioCodecType, and to what DDEX has no word for.
_VIDEO = {
    b"avc1": "AVC",
    b"avc3": "AVC",
    b"hvc1": "HEVC",
    b"hev1": "HEVC",
    b"mp4v": "MPEG-4",
    b"apch": "ProRes-422_HQ",
    b"apcn": "ProRes-422",
    b"apcs": "ProRes-422_LT",
    b"apco": "ProRes-422_Proxy",
    b"ap4h": "ProRes-4444",
    b"ap4x": "ProRes-4444_XQ",
    b"vp08": "VP8",
    b"vp09": "VP9",
    b"av01": "AV1",
}
_AUDIO = {
    b"mp4a": "AAC",
    b"ec-3": "DolbyDigitalPlus",
    b"ac-4": "AC-4",
    b"sowt": "PCM",
    b"twos": "PCM",
    b"lpcm": "PCM",
    b"in24": "PCM",
    b"fLaC": "FLAC",
    b"Opus": "Opus",
}
_PARENTS = frozenset({b"trak", b"mdia", b"minf", b"stbl"})
# Headers of hours of video stay far below; the media itself is never read.
_MOST_HEADER = 64 * 1024 * 1024
_PIXELS_IN_ENTRY = 78  # of a VisualSampleEntry, before the boxes inside


@dataclass
class _Track:
    handler: bytes = b""
    timescale: int = 0
    duration: int = 0
    lasts: int = 0
    samples: int = 0
    sampled_bytes: int = 0
    matrix: tuple[int, ...] = ()
    entry: bytes = b""
    body: bytes = b""


@dataclass
class _Top:
    brand: bytes = b""
    moov: bytes | None = None
    media: int | None = None
    moov_first: bool = False
    missing: int = 0
    kinds: list[bytes] = field(default_factory=list)


def read(file: BinaryIO) -> Movie:
    """Raises Unreadable for a file without a header, or with no video of a known codec."""
    top = _top(file)
    if top.moov is None or top.media is None:
        raise Unreadable("video_truncated", "The file has no movie header or no media in it.")
    try:
        tracks = list(_tracks(top.moov))
        video = next((t for t in tracks if t.handler == b"vide" and t.entry in _VIDEO), None)
        if video is None or not video.timescale or len(video.body) < _PIXELS_IN_ENTRY:
            raise Unreadable("video_format", "There is no video of a known codec in the file.")
        if not video.samples:
            raise Unreadable("video_format", "The video is in fragments, or has no frames.")
        sound = next((t for t in tracks if t.handler == b"soun" and t.entry in _AUDIO), None)
        return Movie(
            container=_BRANDS.get(top.brand, "MP4"),
            video=_view(video),
            sound=_sound(sound) if sound else None,
            frames=video.samples,
            stated_s=video.duration / video.timescale,
            lasts_s=video.lasts / video.timescale,
            media_bytes=top.media,
            # What samples there should be, however the boxes say that they end.
            missing_bytes=top.missing or max(0, sum(t.sampled_bytes for t in tracks) - top.media),
            fast_start=top.moov_first,
        )
    except (struct.error, IndexError):
        raise Unreadable("video_format", "The header of the file is damaged.") from None


def _top(file: BinaryIO) -> _Top:
    """What the file consists of. Media may end with the file and not before; a header may not."""
    found = _Top()
    size, at = file.seek(0, 2), 0
    for _ in range(MOST_BOXES):
        if at >= size:
            return found
        kind, length, start = head_at(file, at, size)
        if length < start:
            raise Unreadable("video_format", "The header of the file is damaged.")
        if at + length > size:
            found.missing = at + length - size
        _take(found, file, at + start, min(length, size - at) - start, kind)
        at += length
    raise Unreadable("video_format", f"The file has more than {MOST_BOXES} parts.")


def _take(found: _Top, file: BinaryIO, start: int, length: int, kind: bytes) -> None:
    if kind == b"mdat":
        found.media = (found.media or 0) + length
        found.moov_first = found.moov is not None
    elif kind in (b"ftyp", b"moov"):
        if length > _MOST_HEADER:
            raise Unreadable("video_format", f"The header of the file has {length} bytes.")
        if found.missing:
            raise Unreadable("video_truncated", "The file ends before its header does.")
        file.seek(start)
        body = file.read(length)
        found.brand, found.moov = (body[:4], found.moov) if kind == b"ftyp" else (found.brand, body)


def _tracks(moov: bytes) -> Iterator[_Track]:
    for kind, body in inside(moov):
        if kind == b"trak":
            track = _Track()
            _fill(track, body, 0)
            yield track


def _fill(track: _Track, data: bytes, depth: int) -> None:
    for kind, body in inside(data):
        if kind in _PARENTS and depth < len(_PARENTS):
            _fill(track, body, depth + 1)
        elif kind == b"tkhd":
            track.matrix = struct.unpack_from(">4i", _matrix(body))
        elif kind == b"mdhd":
            form, at = (">IQ", 20) if body[0] == 1 else (">II", 12)
            track.timescale, track.duration = struct.unpack_from(form, body, at)
        elif kind == b"hdlr" and not track.handler:
            track.handler = body[8:12]
        elif kind == b"stts":
            track.lasts = sum(
                count * each for count, each in struct.iter_unpack(">II", _rows(body, 8))
            )
        elif kind == b"stsz":
            each, track.samples = struct.unpack_from(">II", body, 4)
            sizes = struct.iter_unpack(">I", _rows(body[4:], 4))
            track.sampled_bytes = each * track.samples if each else sum(size for (size,) in sizes)
        elif kind == b"stsd":
            track.entry, track.body = next(inside(body[8:]), (b"", b""))


def _rows(body: bytes, width: int) -> bytes:
    """The rows of a table behind their number."""
    count = struct.unpack_from(">I", body, 4)[0]
    return body[8 : 8 + min(count, (len(body) - 8) // width) * width]


def _matrix(tkhd: bytes) -> bytes:
    """a, b, (u,) c, d of the transformation, 14496-12 8.3.2, without u."""
    at = 52 if tkhd[0] == 1 else 40
    return tkhd[at : at + 8] + tkhd[at + 12 : at + 20]


def _view(track: _Track) -> View:
    width, height = struct.unpack_from(">HH", track.body, 24)
    across, down = 1, 1
    for kind, body in inside(track.body[_PIXELS_IN_ENTRY:]):
        if kind == b"pasp" and len(body) >= 8:
            across, down = struct.unpack_from(">II", body)
    a, b = track.matrix[:2] if track.matrix else (1, 0)
    return View(
        codec=_VIDEO[track.entry],
        width=width,
        height=height,
        pixel_aspect=(across, down) if across and down else (1, 1),
        rotation=round(degrees(atan2(b, a)) / 90) * 90 % 360 if a or b else 0,
    )


def _sound(track: _Track) -> Sound:
    return Sound(
        codec=_AUDIO[track.entry],
        channels=struct.unpack_from(">H", track.body, 16)[0],
        sampling_rate=struct.unpack_from(">H", track.body, 24)[0] or None,
    )
