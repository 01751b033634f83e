"""MP4 and QuickTime headers, read strictly: ISO/IEC 14496-12 boxes, no decoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import BinaryIO

from deadwax.domain.assets import VideoFacts
from deadwax.domain.errors import Problem, Refused

_BRANDS = {b"qt  ": "QuickTime"}
# Sample entries to DDEX VideoCodecType and AudioCodecType.
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
}
_PARENTS = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
# Headers of hours of video stay far below; the media itself is never read.
_MOST_HEADER = 64 * 1024 * 1024
_MOST_BOXES = 10_000


@dataclass
class _Track:
    handler: bytes = b""
    timescale: int = 0
    duration: int = 0
    samples: int = 0
    entry: bytes = b""
    body: bytes = b""


def is_movie(head: bytes) -> bool:
    """Whether the first 12 bytes are those of an MP4 or QuickTime file."""
    return head[4:8] == b"ftyp"


def measure(path: str) -> VideoFacts:
    """Raises Refused for a file that is truncated or holds no video of a known codec."""
    with open(path, "rb") as file:
        boxes = dict(_top(file))
    if b"moov" not in boxes or b"mdat" not in boxes:
        raise _refused("video_truncated", "The file has no movie header or no media in it.")
    tracks = list(_tracks(boxes[b"moov"]))
    video = next((t for t in tracks if t.handler == b"vide" and t.entry in _VIDEO), None)
    if video is None or not video.timescale or not video.samples or len(video.body) < 28:
        raise _refused(
            "video_format", "There is no video in AVC, HEVC, MPEG-4 or ProRes in the file."
        )
    width, height = struct.unpack_from(">HH", video.body, 24)
    audio = next((t for t in tracks if t.handler == b"soun" and t.entry in _AUDIO), None)
    return VideoFacts(
        container=_BRANDS.get(boxes[b"ftyp"][:4], "MP4"),
        codec=_VIDEO[video.entry],
        width=width,
        height=height,
        duration_ms=video.duration * 1000 // video.timescale,
        frame_rate=_rate(video),
        audio_codec=_AUDIO[audio.entry] if audio else None,
        audio_channels=struct.unpack_from(">H", audio.body, 16)[0] if audio else None,
        audio_sampling_rate=struct.unpack_from(">H", audio.body, 24)[0] or None if audio else None,
    )


def _top(file: BinaryIO) -> Iterator[tuple[bytes, bytes]]:
    """The boxes of the file with the bytes of the small ones. Each has to end within it."""
    file.seek(0, 2)
    size, at = file.tell(), 0
    for _ in range(_MOST_BOXES):
        if at >= size:
            return
        file.seek(at)
        head = file.read(16)
        length, kind = struct.unpack_from(">I4s", head) if len(head) >= 8 else (0, b"")
        start = 8
        if length == 1 and len(head) == 16:
            length, start = struct.unpack_from(">Q", head, 8)[0], 16
        elif length == 0 and kind == b"mdat":
            length = size - at
        if length < start or at + length > size:
            raise _refused("video_truncated", "The file ends before its content does.")
        wanted = kind in (b"ftyp", b"moov")
        if wanted and length > _MOST_HEADER:
            raise _refused("video_format", f"The header of the file has {length} bytes.")
        file.seek(at + start)
        yield kind, file.read(length - start) if wanted else b""
        at += length


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
            try:
                _fill(track, body)
            except struct.error:
                raise _refused("video_format", "The header of the file is damaged.") from None
            yield track


def _fill(track: _Track, data: bytes) -> None:
    for kind, body in _inside(data):
        if kind in _PARENTS:
            _fill(track, body)
        elif kind == b"mdhd":
            form, at = (">IQ", 20) if body[0] == 1 else (">II", 12)
            track.timescale, track.duration = struct.unpack_from(form, body, at)
        elif kind == b"hdlr" and not track.handler:
            track.handler = body[8:12]
        elif kind == b"stsz":
            track.samples = struct.unpack_from(">I", body, 8)[0]
        elif kind == b"stsd":
            track.entry, track.body = next(_inside(body[8:]), (b"", b""))


def _rate(track: _Track) -> str | None:
    """Frames per second with up to three decimals."""
    if not track.duration:
        return None
    rate = Fraction(track.samples * track.timescale, track.duration)
    return f"{float(rate):.3f}".rstrip("0").rstrip(".")


def _refused(code: str, message: str) -> Refused:
    fix = "Upload an MP4 or QuickTime file with AVC, HEVC, MPEG-4 or ProRes video."
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
