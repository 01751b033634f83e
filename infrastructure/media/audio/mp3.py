"""MP3 files: their tags and what these state of the length."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of
from deadwax.infrastructure.media.audio.id3 import is_id3v1, length_of_id3
from deadwax.infrastructure.media.audio.mp3_frames import Frame, frame, is_chain, walk

_SOUGHT = 64 * 1024
_XING_FRAMES = 1
# Where LAME's own fields begin behind the word Xing, with all of its optional fields.
_LAME = 120


def read(file: BinaryIO) -> Header | None:
    """None where no frames follow each other. Raises Refused for a tag without any behind it."""
    size = size_of(file)
    tag = length_of_id3(file.read(10))
    file.seek(tag)
    data = file.read(_SOUGHT)
    skipped = _first(data) if tag else 0 if is_chain(data, 0) else None
    found = frame(data[skipped : skipped + 4]) if skipped is not None else None
    if skipped is None or found is None:
        if not tag:
            return None
        code = "audio_empty" if size - tag <= 128 else "media_unknown"
        raise refused(code, "No MP3 audio follows the ID3 tag of the file.")
    start, end = tag + skipped, _end(file, size)
    stated, trimmed = _stated(data[skipped : skipped + found.length], found)
    reckoned = (end - start) * 8 * found.rate // found.bit_rate
    return Header(
        container="MP3",
        codec="MP3",
        channels=found.channels,
        sampling_rate=found.rate,
        frames=reckoned if stated is None else stated * found.samples - trimmed,
        frames_exact=stated is not None,
        slack=found.rate // 10,
        bit_rate=found.bit_rate if stated is None else _rate(data, found, stated, end - start),
        audio=Span(start=start, length=end - start),
    )


def faults(file: BinaryIO, header: Header) -> Iterator[Fault]:
    """Walks every frame of the file."""
    start, end = header.audio.start, header.audio.start + header.audio.length
    file.seek(start)
    data = file.read(4096)
    first = frame(data)
    assert first is not None
    stated, _ = _stated(data[: first.length], first)
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        walked = walk(whole, start, end)
    second = first.samples / first.rate
    count = walked.frames - _has_tag(data[: first.length], first)
    if walked.cut or (stated is not None and count < stated and not walked.gaps):
        yield Fault(
            code="truncated",
            message="The file ends before its audio does.",
            value=count,
            limit=stated if stated is not None else count + 1,
            at_s=count * second,
        )
    elif stated is not None and count != stated and not walked.gaps:
        yield Fault(
            code="length_differs",
            message="The file has other numbers of frames than its header states.",
            value=count,
            limit=stated,
        )
    if walked.gaps:
        yield Fault(
            code="audio_damaged",
            message="Bytes that are no MP3 audio stand between its frames.",
            value=sum(length for _, length in walked.gaps),
            limit=0,
            at_s=walked.gaps[0][0] * second,
        )
    if walked.tail:
        yield Fault(
            code="data_after_end",
            message="Bytes that are no MP3 audio follow the last frame.",
            value=walked.tail,
            limit=0,
        )


def _first(data: bytes) -> int | None:
    """Where the first of a chain of frames begins; padding may stand before it."""
    at = data.find(b"\xff")
    while at >= 0 and not is_chain(data, at):
        at = data.find(b"\xff", at + 1)
    return at if at >= 0 else None


def _stated(data: bytes, first: Frame) -> tuple[int | None, int]:
    """The frames that the tag of the encoder states, without itself, and how many of their samples
    are not to be played: a tag of Xing or LAME, or of Fraunhofer (VBRI)."""
    at = 4 + first.side
    if data[at : at + 4] in (b"Xing", b"Info") and len(data) >= at + 12:
        flags, frames = struct.unpack_from(">II", data, at + 4)
        if not flags & _XING_FRAMES or not frames:
            return None, 0
        lame = data[at + _LAME : at + _LAME + 24]
        if flags & 0xF != 0xF or lame[:4] not in (b"LAME", b"Lavc", b"Lavf") or len(lame) < 24:
            return frames, 0
        packed = int.from_bytes(lame[21:24], "big")
        return frames, (packed >> 12) + (packed & 0xFFF)
    if data[36:40] == b"VBRI" and len(data) >= 54:
        return struct.unpack_from(">I", data, 50)[0] or None, 0
    return None, 0


def _rate(data: bytes, first: Frame, frames: int, length: int) -> int:
    """The mean over all frames, those included of which not all samples are played. A constant one
    (Info) is one of the standard's, which padding of frames approaches."""
    tagged = first.length if _has_tag(data[: first.length], first) else 0
    mean = (length - tagged) * 8 * first.rate // (frames * first.samples)
    at = 4 + first.side
    return round(mean, -3) if data[at : at + 4] == b"Info" else mean


def _has_tag(data: bytes, first: Frame) -> bool:
    at = 4 + first.side
    return data[at : at + 4] in (b"Xing", b"Info") or data[36:40] == b"VBRI"


def _end(file: BinaryIO, size: int) -> int:
    """Where the audio ends, before tags of ID3v1 and APE."""
    file.seek(max(0, size - 128))
    if is_id3v1(file.read(128)):
        size -= 128
    file.seek(max(0, size - 32))
    tail = file.read(32)
    if tail[:8] == b"APETAGEX":
        length, _, flags = struct.unpack_from("<III", tail, 12)
        size -= length + (32 if flags & 0x80000000 else 0)
    return max(0, size)
