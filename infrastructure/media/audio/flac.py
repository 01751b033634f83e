"""The header of native FLAC (RFC 9639), read strictly."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

import soundfile

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.flac_frames import Last, last_frame, possible_ends
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of
from deadwax.infrastructure.media.audio.id3 import is_id3v1, length_of_id3

_MOST_BLOCKS = 1000
_MOST_FRAME = 1 << 20


def is_flac(head: bytes) -> bool:
    return head[:4] == b"fLaC"


def read(file: BinaryIO, start: int = 0) -> Header:
    """`start` is where the stream begins, behind an ID3 tag that should not be there. Raises
    Refused for what cannot be read as audio."""
    size = size_of(file)
    info, at = _metadata(file, start + 4, size)
    if len(info) < 34 or info == bytes(34):
        raise refused("audio_header", "The FLAC file has no STREAMINFO.")
    packed = int.from_bytes(info[10:18], "big")
    stated = packed & 0xFFFFFFFFF
    file.seek(at)
    sync = file.read(4)
    if len(sync) < 4 or sync[0] != 0xFF or sync[1] & 0xFE != 0xF8:
        code = "audio_empty" if size <= at else "audio_header"
        raise refused(code, "No audio follows the header of the FLAC file.")
    last = _last(file, at, sync, info)
    if last is None:
        raise refused("audio_header", "No frame of FLAC is found at the end of the file.")
    present = last.end
    tagged = Fault(
        code="header_wrong",
        message="An ID3 tag stands before the FLAC stream.",
        value=start,
        limit=0,
    )
    return Header(
        container="FLAC",
        codec="FLAC",
        channels=(packed >> 41 & 0x7) + 1,
        sampling_rate=packed >> 44,
        bits=(packed >> 36 & 0x1F) + 1,
        frames=stated or present,
        frames_exact=bool(stated),
        md5=info[18:34] if any(info[18:34]) else None,
        audio=Span(start=at, length=size - at),
        faults=(*_length(present, stated), *((tagged,) if start else ())),
    )


def faults(file: BinaryIO, header: Header) -> Iterator[Fault]:
    """Bytes behind the last frame, where that is whole; what is damaged the decoder tells."""
    start, size = header.audio.start, _before_tag(file)
    info, _ = _metadata(file, behind_id3(file) + 4, size)
    file.seek(start)
    last = _last(file, start, file.read(4), info)
    if last is None:
        return
    file.seek(last.at)
    data = file.read(min(size - last.at, _MOST_FRAME))
    behind = size - last.at - _whole(data, last.samples, info)
    if behind > 0:
        yield Fault(
            code="data_after_end",
            message="Bytes that are no FLAC audio follow the last frame.",
            value=behind,
            limit=0,
        )


def _whole(data: bytes, samples: int, info: bytes) -> int:
    """Of these bytes, those of the frame that they begin with; all where that does not end."""
    ends = possible_ends(data)
    if ends and ends[-1] == len(data):
        first = next(end for end in ends if not any(data[end:]))
        return first if len(data) - first > 2 else len(data)  # a checksum may be 0
    return next((end for end in ends if _decodes(data[:end], samples, info)), len(data))


def _decodes(frame: bytes, samples: int, info: bytes) -> bool:
    """Whether these bytes are a frame of so many samples, and nothing is missing."""
    packed = int.from_bytes(info[10:18], "big") >> 36 << 36 | samples
    stated = info[:10] + packed.to_bytes(8, "big") + bytes(16)
    try:
        with soundfile.SoundFile(BytesIO(b"fLaC\x80\0\0\x22" + stated + frame)) as file:
            return len(file.read(samples)) == samples
    except soundfile.LibsndfileError:
        return False


def _last(file: BinaryIO, begin: int, sync: bytes, info: bytes) -> Last | None:
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
        return last_frame(whole, begin, sync, int.from_bytes(info[2:4], "big"))


def _before_tag(file: BinaryIO) -> int:
    """Where the file ends without a tag of ID3v1."""
    size = size_of(file)
    file.seek(max(0, size - 128))
    return size - 128 if is_id3v1(file.read(128)) else size


def _length(present: int, stated: int) -> list[Fault]:
    """What the last frame says of the number of samples that the header states."""
    if stated in (0, present):
        return []
    return [
        Fault(
            code="truncated" if present < stated else "length_differs",
            message=f"The file has {'fewer' if present < stated else 'more'} samples than its"
            " header states.",
            value=present,
            limit=stated,
        )
    ]


def _metadata(file: BinaryIO, at: int, size: int) -> tuple[bytes, int]:
    """STREAMINFO, and where the first frame should stand."""
    info = b""
    for _ in range(_MOST_BLOCKS):
        file.seek(at)
        header = file.read(4)
        if len(header) < 4:
            raise refused("audio_header", "The FLAC file ends within its header.")
        kind, length = header[0], struct.unpack(">I", b"\0" + header[1:])[0]
        if at + 4 + length > size:
            raise refused("audio_header", "The FLAC file ends within its header.")
        if kind & 0x7F == 0 and not info:
            info = file.read(min(length, 34))
        at += 4 + length
        if kind & 0x80:
            return info, at
    raise refused("audio_header", "The header of the FLAC file has no end.")


def behind_id3(file: BinaryIO) -> int:
    """Where a FLAC stream begins behind an ID3v2 tag; 0 where none does."""
    file.seek(0)
    start = length_of_id3(file.read(10))
    file.seek(start)
    return start if start and is_flac(file.read(4)) else 0
