"""WebM headers and the times of its blocks, read strictly: EBML (RFC 8794), Matroska (RFC 9559);
no decoding."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deadwax.infrastructure.media.movie_parts import Movie, Sound, Unreadable, View

MAGIC = b"\x1a\x45\xdf\xa3"
_EBML, _DOC_TYPE, _SEGMENT = 0x1A45DFA3, 0x4282, 0x18538067
_INFO, _SCALE, _DURATION = 0x1549A966, 0x2AD7B1, 0x4489
_TRACKS, _ENTRY, _NUMBER, _TYPE, _CODEC = 0x1654AE6B, 0xAE, 0xD7, 0x83, 0x86
_EACH, _VIDEO, _AUDIO = 0x23E383, 0xE0, 0xE1
_WIDTH, _HEIGHT, _SHOWN_WIDTH, _SHOWN_HEIGHT, _SHOWN_UNIT = 0xB0, 0xBA, 0x54B0, 0x54BA, 0x54B2
_RATE, _CHANNELS = 0xB5, 0x9F
_CLUSTER, _TIME, _SIMPLE, _GROUP, _BLOCK = 0x1F43B675, 0xE7, 0xA3, 0xA0, 0xA1

_PARENTS = frozenset({_EBML, _SEGMENT, _INFO, _TRACKS, _ENTRY, _VIDEO, _AUDIO, _CLUSTER, _GROUP})
_WANTED = frozenset(
    {_DOC_TYPE, _SCALE, _DURATION, _NUMBER, _TYPE, _CODEC, _EACH, _WIDTH, _HEIGHT, _TIME}
    | {_SHOWN_WIDTH, _SHOWN_HEIGHT, _SHOWN_UNIT, _RATE, _CHANNELS}
)
_BLOCKS = frozenset({_SIMPLE, _BLOCK})
_CODECS = {"V_VP8": "VP8", "V_VP9": "VP9", "V_AV1": "AV1"}
_SOUNDS = {"A_VORBIS": "Vorbis", "A_OPUS": "Opus"}
_MOST_ELEMENTS = 2_000_000
_MOST_VALUE = 4096
_IS_VIDEO, _IS_AUDIO = 1, 2


@dataclass(frozen=True)
class _Element:
    id: int
    data: bytes
    size: int | None
    missing: int


def read(file: BinaryIO) -> Movie:
    """Raises Unreadable for what is no WebM, or has no video of a known codec."""
    state = _State()
    for element in _elements(file):
        state.take(element)
    return state.movie()


def _elements(file: BinaryIO) -> Iterator[_Element]:
    """All elements in the order in which they stand, those of parents after the parent. Of blocks
    the first bytes are read, of what is not wanted none."""
    total, at = file.seek(0, 2), 0
    for _ in range(_MOST_ELEMENTS):
        if at >= total:
            return
        file.seek(at)
        head = file.read(12)
        id_length = _length(head, 4)
        size_length = _length(head[id_length:], 8)
        kind = int.from_bytes(head[:id_length], "big")
        start = at + id_length + size_length
        bits = head[id_length : id_length + size_length]
        size = int.from_bytes(bits, "big") & ((1 << (7 * size_length)) - 1)
        if len(bits) < size_length:
            yield _Element(0, b"", 0, 1)
            return
        unknown = size == (1 << (7 * size_length)) - 1
        missing = 0 if unknown else max(0, start + size - total)
        file.seek(start)
        wanted = min(size, _MOST_VALUE) if kind in _WANTED else 16 if kind in _BLOCKS else 0
        yield _Element(kind, file.read(wanted), None if unknown else size, missing)
        if unknown and kind not in _PARENTS:
            raise Unreadable("video_format", "The file is damaged.")
        at = start if kind in _PARENTS else start + size
    raise Unreadable("video_format", "The file has too many parts.")


def _length(data: bytes, most: int) -> int:
    """Of a variable-size integer: the leading zeros of its first byte, and one."""
    length = 9 - data[0].bit_length() if data else 9
    if length > most:
        raise Unreadable("video_format", "The file is damaged.")
    return length


class _State:
    def __init__(self) -> None:
        self._doc_type = ""
        self._scale, self._stated = 1_000_000, None
        self._tracks: list[dict[int, bytes]] = []
        self._cluster = 0
        self._video: int | None = None
        self._frames = self._bytes = self._missing = 0
        self._first: int | None = None
        self._last = 0

    _stated: float | None

    def take(self, element: _Element) -> None:
        kind, data = element.id, element.data
        self._missing = max(self._missing, element.missing)
        if kind == _DOC_TYPE:
            self._doc_type = data.rstrip(b"\0").decode("ascii", "replace")
        elif kind == _SCALE:
            self._scale = max(1, int.from_bytes(data, "big"))
        elif kind == _DURATION:
            self._stated = _float(data)
        elif kind == _ENTRY:
            self._tracks.append({})
        elif kind == _TIME:
            self._cluster = int.from_bytes(data, "big")
        elif kind in _BLOCKS and not element.missing:
            self._block(data, element.size or 0)
        elif kind in _WANTED and self._tracks:
            self._tracks[-1].setdefault(kind, data)

    def _block(self, data: bytes, size: int) -> None:
        self._bytes += size
        length = _length(data, 8)
        number = int.from_bytes(data[:length], "big") & ((1 << (7 * length)) - 1)
        if self._video is None:
            track = self._track(_IS_VIDEO)
            self._video = _number(track, _NUMBER) if track else -1
        if number == self._video and len(data) >= length + 2:
            at = self._cluster + struct.unpack_from(">h", data, length)[0]
            self._frames += 1
            self._first = at if self._first is None else min(self._first, at)
            self._last = max(self._last, at)

    def _track(self, kind: int) -> dict[int, bytes] | None:
        return next((t for t in self._tracks if _number(t, _TYPE) == kind), None)

    def movie(self) -> Movie:
        video, sound = self._track(_IS_VIDEO), self._track(_IS_AUDIO)
        codec = _CODECS.get(_text(video, _CODEC)) if video else None
        if self._doc_type != "webm" or not video or not codec:
            raise Unreadable("video_format", "There is no video of a known codec in the file.")
        if not self._frames:
            raise Unreadable("video_truncated", "There are no frames in the file.")
        width, height = _number(video, _WIDTH), _number(video, _HEIGHT)
        if not width or not height:
            raise Unreadable("video_format", "The video has no size.")
        each = _number(video, _EACH) / 1e9
        span = (self._last - (self._first or 0)) * self._scale / 1e9
        lasts = span + (each or (span / (self._frames - 1) if self._frames > 1 else 0.0))
        return Movie(
            container="WebM",
            video=_view(video, codec, width, height),
            sound=_sound(sound) if sound and _text(sound, _CODEC) in _SOUNDS else None,
            frames=self._frames,
            stated_s=None if self._stated is None else self._stated * self._scale / 1e9,
            lasts_s=lasts,
            media_bytes=self._bytes,
            missing_bytes=self._missing,
            fast_start=None,
            frame_rate=1 / each if each else None,
        )


def _view(track: dict[int, bytes], codec: str, width: int, height: int) -> View:
    across, down = _number(track, _SHOWN_WIDTH), _number(track, _SHOWN_HEIGHT)
    in_pixels = _number(track, _SHOWN_UNIT) in (0, 3)
    aspect = (across * height, down * width) if across and down and in_pixels else (1, 1)
    return View(codec=codec, width=width, height=height, pixel_aspect=aspect)


def _sound(track: dict[int, bytes]) -> Sound:
    rate = _float(track.get(_RATE, b"")) or 8000.0
    return Sound(
        codec=_SOUNDS[_text(track, _CODEC)],
        channels=_number(track, _CHANNELS) or 1,
        sampling_rate=round(rate) if 0 < rate < 1_000_000 else None,
    )


def _number(track: dict[int, bytes], kind: int) -> int:
    return int.from_bytes(track.get(kind, b"")[:8], "big")


def _text(track: dict[int, bytes], kind: int) -> str:
    return track.get(kind, b"").rstrip(b"\0").decode("ascii", "replace")


def _float(data: bytes) -> float:
    form = {4: ">f", 8: ">d"}.get(len(data))
    return float(struct.unpack(form, data)[0]) if form else 0.0
