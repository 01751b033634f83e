"""AIFF and AIFF-C headers, read strictly (Apple, Audio Interchange File Format 1.3 and -C)."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of

_MOST_CHUNKS = 1000
# Compression types of AIFF-C that are none: byte order and kind of sample.
_KINDS = {b"NONE": ">i", b"twos": ">i", b"sowt": "<i", b"in24": ">i", b"in32": ">i"}
_FLOATS = {b"fl32": ">f4", b"FL32": ">f4", b"fl64": ">f8", b"FL64": ">f8"}


@dataclass
class _Chunks:
    found: dict[bytes, Span] = field(default_factory=dict)
    stated: int = 0
    end: int = 12


def is_aiff(head: bytes) -> bool:
    return head[:4] == b"FORM" and head[8:12] in (b"AIFF", b"AIFC")


def read(file: BinaryIO) -> Header:
    """Raises Refused for what cannot be read as audio."""
    size = size_of(file)
    head = file.read(12)
    chunks = _walk(file, size)
    if b"COMM" not in chunks.found:
        raise refused("audio_header", "The AIFF file has no COMM chunk.")
    file.seek(chunks.found[b"COMM"].start)
    body = file.read(min(chunks.found[b"COMM"].length, 1024))
    if len(body) < 18:
        raise refused("audio_header", "The COMM chunk of the AIFF file is too short.")
    channels, frames, bits = struct.unpack_from(">hIh", body)
    rate = _rate(body[8:18])
    sample = _sample(body[18:22] if head[8:12] == b"AIFC" and len(body) >= 22 else b"NONE", bits)
    floating = "f" in sample
    align = max(1, channels) * int(sample[-1])
    sound = chunks.found.get(b"SSND")
    if sound is None or sound.length <= 8:
        raise refused("audio_empty", "The AIFF file has a header but no samples.")
    file.seek(sound.start)
    offset = struct.unpack(">I", file.read(4))[0]
    present = max(0, sound.length - 8 - offset)
    whole = min(present - present % align, frames * align) if frames else 0
    return Header(
        container="AIFF",
        codec="PCM",
        channels=channels,
        sampling_rate=rate,
        bits=None if floating else bits,
        frames=whole // align,
        sample=sample,
        audio=Span(start=sound.start + 8 + offset, length=whole),
        bytes_after=max(0, chunks.end - sound.start - sound.length - sound.length % 2),
        chunks=chunks.found,
        faults=tuple(_faults(head, chunks, size, present, frames * align)),
    )


def _walk(file: BinaryIO, size: int) -> _Chunks:
    chunks, at = _Chunks(), 12
    for _ in range(_MOST_CHUNKS):
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            break
        kind, length = struct.unpack(">4sI", header)
        room = size - at - 8
        if not all(0x20 <= byte < 0x7F for byte in kind) or (length > room and kind != b"SSND"):
            break
        chunks.found.setdefault(kind, Span(start=at + 8, length=min(length, room)))
        if kind == b"SSND":
            chunks.stated = length
        at += 8 + length + length % 2
        chunks.end = min(at, size)
    return chunks


def _rate(extended: bytes) -> int:
    """An 80 bit IEEE 754 extended number as whole Hz; 0 for what is none."""
    exponent, mantissa = struct.unpack(">HQ", extended)
    if exponent & 0x8000 or exponent == 0x7FFF or exponent > 16383 + 31:
        return 0
    return round(math.ldexp(mantissa, exponent - 16383 - 63))


def _sample(kind: bytes, bits: int) -> str:
    if kind in _FLOATS:
        return _FLOATS[kind]
    if kind not in _KINDS:
        name = kind.decode("ascii", "replace")
        raise refused("audio_codec", f"The AIFF file holds {name}, not PCM.")
    if not 0 < bits <= 32:
        raise refused("audio_format", f"The header states {bits} bits per sample.")
    return f"{_KINDS[kind]}{-(-bits // 8)}"


def _faults(head: bytes, chunks: _Chunks, size: int, present: int, stated: int) -> list[Fault]:
    faults = []
    form = struct.unpack_from(">I", head, 4)[0]
    cut = chunks.stated > chunks.found[b"SSND"].length
    if cut or present < stated:
        faults.append(
            Fault(
                code="truncated" if cut else "length_differs",
                message="The file has less audio than its header states.",
                value=present,
                limit=stated,
            )
        )
    elif present - stated > 1:
        faults.append(
            Fault(
                code="length_differs",
                message="The file has more audio than its header states.",
                value=present,
                limit=stated,
            )
        )
    if not cut and form + 8 + form % 2 != chunks.end and form + 8 != size:
        faults.append(
            Fault(
                code="size_wrong",
                message="The size in the header is not that of the file.",
                value=size,
                limit=form + 8,
            )
        )
    if size > chunks.end:
        faults.append(
            Fault(
                code="data_after_end",
                message="Bytes that are no chunk follow the last chunk.",
                value=size - chunks.end,
                limit=0,
            )
        )
    return faults
