"""WAV headers, read strictly: RIFF, RF64 (EBU Tech 3306) and BW64 (ITU-R BS.2088)."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_UNKNOWN = 0xFFFFFFFF
_MOST_CHUNKS = 1000
# The tail of the GUIDs of EXTENSIBLE sub-formats, after the two bytes of the format.
_GUID = bytes.fromhex("000000001000800000aa00389b71")
_SAMPLES = {
    (_PCM, 1): "u1",
    (_PCM, 2): "<i2",
    (_PCM, 3): "<i3",
    (_PCM, 4): "<i4",
    (_FLOAT, 4): "<f4",
    (_FLOAT, 8): "<f8",
}
_CODECS = {
    0x0002: "Microsoft ADPCM",
    0x0006: "A-law",
    0x0007: "mu-law",
    0x0011: "IMA ADPCM",
    0x0031: "GSM",
    0x0050: "MPEG",
    0x0055: "MP3",
    0x0161: "WMA",
    0x2000: "AC-3",
}


@dataclass
class _Chunks:
    found: dict[bytes, Span] = field(default_factory=dict)
    audio: Span | None = None
    stated: int = 0
    """The bytes of audio that the header states; as many as there are, where it does not know."""
    unknown: bool = False
    end: int = 0
    """Where the last whole chunk ends."""


def is_wav(head: bytes) -> bool:
    return head[:4] in (b"RIFF", b"RF64", b"BW64") and head[8:12] == b"WAVE"


def read(file: BinaryIO) -> Header:
    """Raises Refused for what cannot be read as audio."""
    size = size_of(file)
    head = file.read(12)
    chunks = _walk(file, size, long=head[:4] != b"RIFF")
    if b"fmt " not in chunks.found:
        raise refused("audio_header", "The WAV file has no fmt chunk.")
    if chunks.audio is None or chunks.audio.length == 0:
        raise refused("audio_empty", "The WAV file has a header but no samples.")
    form = _Format.read(_bytes(file, chunks.found[b"fmt "]))
    audio = chunks.audio
    whole = audio.length - audio.length % form.align
    return Header(
        container="WAV",
        codec="PCM",
        channels=form.channels,
        sampling_rate=form.rate,
        bits=form.bits if form.tag == _PCM else None,
        frames=whole // form.align,
        sample=form.sample,
        audio=Span(start=audio.start, length=whole),
        extensible=form.extensible,
        bytes_after=max(0, chunks.end - audio.start - audio.length - audio.length % 2),
        chunks=chunks.found,
        faults=(*form.faults, *_faults(head, chunks, size, form.align)),
    )


def _walk(file: BinaryIO, size: int, long: bool) -> _Chunks:
    chunks, at, sizes = _Chunks(end=12), 12, {b"": 0}
    for _ in range(_MOST_CHUNKS):
        if at >= size:
            break
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            break
        kind, length = struct.unpack("<4sI", header)
        if not _plausible(kind):
            break
        if kind == b"ds64" and long:
            sizes = _long_sizes(file.read(min(length, 28 + 12 * 100)))
        if length == _UNKNOWN:
            length = sizes.get(kind, _UNKNOWN)
        room = size - at - 8
        if kind == b"data" and chunks.audio is None:
            chunks.unknown = length in (0, _UNKNOWN) and room > 0 and not _chunk(file, at + 8)
            length = room if chunks.unknown else length
            chunks.stated = length
            chunks.audio = Span(start=at + 8, length=min(length, room))
        elif length > room:
            break
        chunks.found.setdefault(kind, Span(start=at + 8, length=min(length, room)))
        at += 8 + length
        if length % 2 and at < size and not _begins_chunk(file, at):
            at += 1
        chunks.end = min(at, size)
    return chunks


def _begins_chunk(file: BinaryIO, at: int) -> bool:
    """Some writers forget the byte of padding behind an odd chunk."""
    file.seek(at)
    kind = file.read(4)
    return len(kind) == 4 and _plausible(kind)


def _long_sizes(body: bytes) -> dict[bytes, int]:
    """What a ds64 chunk says of the chunks that are too long for 32 bits."""
    if len(body) < 28:
        raise refused("audio_header", "The ds64 chunk of the file is damaged.")
    _, data, _, entries = struct.unpack_from("<QQQI", body)
    sizes = {b"data": data}
    for at in range(28, min(len(body) - 11, 28 + 12 * min(entries, 100)), 12):
        kind, length = struct.unpack_from("<4sQ", body, at)
        sizes[kind] = length
    return sizes


def _chunk(file: BinaryIO, at: int) -> bool:
    """Whether a chunk begins there; if so, a length of 0 before it was meant."""
    file.seek(at)
    return file.read(4) in (b"LIST", b"id3 ", b"bext", b"fmt ", b"axml", b"chna", b"iXML", b"cue ")


def _plausible(kind: bytes) -> bool:
    return all(0x20 <= byte < 0x7F for byte in kind)


def _bytes(file: BinaryIO, span: Span, most: int = 1 << 16) -> bytes:
    file.seek(span.start)
    return file.read(min(span.length, most))


@dataclass(frozen=True, kw_only=True)
class _Format:
    tag: int
    channels: int
    rate: int
    align: int
    bits: int
    sample: str
    extensible: bool
    faults: tuple[Fault, ...]

    @classmethod
    def read(cls, body: bytes) -> _Format:
        if len(body) < 16:
            raise refused("audio_header", "The fmt chunk of the WAV file is too short.")
        tag, channels, rate, speed, align, bits = struct.unpack_from("<HHIIHH", body)
        extensible = tag == _EXTENSIBLE
        if extensible:
            tag, bits = _sub_format(body, bits)
        width = align // channels if channels else 0
        sample = _SAMPLES.get((tag, width))
        if tag not in (_PCM, _FLOAT):
            name = _CODECS.get(tag, f"codec 0x{tag:04X}")
            raise refused("audio_codec", f"The WAV file holds {name}, not PCM.")
        if sample is None or width * channels != align or not 0 < bits <= width * 8:
            raise refused(
                "audio_format",
                f"{channels} channels of {bits} bits in {align} bytes cannot be.",
            )
        wrong = Fault(
            code="header_wrong",
            message="The bytes per second in the header are not those of its format.",
            value=speed,
            limit=rate * align,
        )
        return cls(
            tag=tag,
            channels=channels,
            rate=rate,
            align=align,
            bits=bits,
            sample=sample,
            extensible=extensible,
            faults=() if speed == rate * align else (wrong,),
        )


def _sub_format(body: bytes, bits: int) -> tuple[int, int]:
    """The format and the valid bits of an EXTENSIBLE header."""
    if len(body) < 40 or body[26:40] != _GUID:
        raise refused("audio_codec", "The EXTENSIBLE header of the WAV file names no PCM.")
    valid, tag = struct.unpack_from("<H", body, 18)[0], struct.unpack_from("<H", body, 24)[0]
    return tag, valid or bits


def _faults(head: bytes, chunks: _Chunks, size: int, align: int) -> list[Fault]:
    audio, faults = chunks.audio, []
    assert audio is not None
    if chunks.stated > audio.length:
        faults.append(
            Fault(
                code="truncated",
                message="The file ends before its audio does.",
                value=audio.length,
                limit=chunks.stated,
            )
        )
    elif audio.length % align:
        faults.append(
            Fault(
                code="truncated",
                message="The audio ends within a sample.",
                value=audio.length,
                limit=audio.length + align - audio.length % align,
            )
        )
    elif _lies(head, chunks, size):
        faults.append(
            Fault(
                code="size_wrong",
                message="The sizes in the header are not those of the file.",
                value=size,
                limit=0 if chunks.unknown else struct.unpack_from("<I", head, 4)[0] + 8,
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


def _lies(head: bytes, chunks: _Chunks, size: int) -> bool:
    """Whether the sizes in the header are wrong; those of RF64 and BW64 stand elsewhere."""
    stated = struct.unpack_from("<I", head, 4)[0]
    long = head[:4] != b"RIFF" and stated == _UNKNOWN
    ends = {chunks.end, chunks.end - 1, size}
    return chunks.unknown or not (long or stated + 8 in ends)
