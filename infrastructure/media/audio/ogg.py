"""Opus and Vorbis in Ogg, read strictly: RFC 3533, RFC 7845 and the Vorbis I specification."""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.header import Header, Span, refused, size_of

_OPUS_RATE = 48_000
_MAGIC = b"OggS\0"
_LONGEST_PAGE = 65_307
_NO_GRANULE = 0xFFFFFFFFFFFFFFFF
_FIRST, _LAST = 2, 4
_OTHERS = {b"\x7fFLAC": "FLAC", b"Speex   ": "Speex", b"\x80theora": "video"}
# Ogg's checksum is that of zlib with the bits of every byte, and its start and end, reversed.
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, kw_only=True)
class _Page:
    start: int
    length: int
    flags: int
    granule: int
    serial: int
    number: int
    body: int


@dataclass(frozen=True, kw_only=True)
class _Stream:
    codec: str
    channels: int
    rate: int
    skipped: int


def is_ogg(head: bytes) -> bool:
    return head[:5] == _MAGIC


def read(file: BinaryIO) -> Header:
    """Raises Refused for what cannot be read as audio."""
    size = size_of(file)
    first = _page(file.read(_LONGEST_PAGE), 0)
    if first is None or not first.flags & _FIRST:
        raise refused("audio_header", "The first page of the Ogg file is damaged.")
    file.seek(first.body)
    stream = _stream(file.read(64))
    file.seek(max(0, size - 2 * _LONGEST_PAGE))
    last = _last(file.read(), first.serial)
    if last is None:
        raise refused("audio_empty", "The Ogg file has a header but no samples.")
    return Header(
        container="Ogg",
        codec=stream.codec,
        channels=stream.channels,
        sampling_rate=stream.rate,
        frames=max(0, last.granule - stream.skipped),
        frames_exact=bool(last.flags & _LAST),
        slack=stream.rate // 10,
        audio=Span(start=first.start + first.length, length=size - first.start - first.length),
    )


def faults(file: BinaryIO, header: Header) -> Iterator[Fault]:
    """Walks every page of the file: its checksum, its number, and whether the last is the last."""
    file.seek(0)
    size = size_of(file)
    at = granule = last_flags = 0
    number: int | None = None
    serial: int | None = None
    wrong: list[int] = []
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        while at < size:
            page = _page(data[at : at + _LONGEST_PAGE], at)
            if page is None:
                following = data.find(_MAGIC, at + 1)
                if following < 0:
                    break
                wrong.append(granule)
                at = following
                continue
            serial = page.serial if serial is None else serial
            whole = page.start + page.length <= size
            if page.serial == serial:
                skipped = number is not None and page.number != number + 1
                if whole and (skipped or not _intact(data[at : at + page.length])):
                    wrong.append(granule)
                number, last_flags = page.number, page.flags if whole else 0
                granule = granule if page.granule == _NO_GRANULE else page.granule
            at += page.length
    second = 1 / header.sampling_rate
    if not last_flags & _LAST:
        yield Fault(
            code="truncated",
            message="The file ends before its audio does.",
            value=size,
            limit=at if at > size else None,
            at_s=granule * second,
        )
    elif at < size:
        yield Fault(
            code="data_after_end",
            message="Bytes that are no pages of Ogg follow the last page.",
            value=size - at,
            limit=0,
        )
    if wrong:
        yield Fault(
            code="audio_damaged",
            message="Pages of the file have wrong checksums, or are missing.",
            value=len(wrong),
            limit=0,
            at_s=wrong[0] * second,
        )


def _page(data: bytes, at: int) -> _Page | None:
    """The page that begins with these bytes, which stand `at` in the file."""
    if data[:5] != _MAGIC or len(data) < 27 or len(data) < 27 + data[26]:
        return None
    flags, granule, serial, number = struct.unpack_from("<BQII", data, 5)
    body = 27 + data[26]
    return _Page(
        start=at,
        length=body + sum(data[27:body]),
        flags=flags,
        granule=granule,
        serial=serial,
        number=number,
        body=at + body,
    )


def _intact(page: bytes) -> bool:
    stated = page[22:26]
    mirrored = (page[:22] + bytes(4) + page[26:]).translate(_MIRRORED)
    found = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return found.to_bytes(4, "big").translate(_MIRRORED) == stated


def _last(tail: bytes, serial: int) -> _Page | None:
    """The last page of the stream on which a packet of audio ends."""
    at = tail.rfind(_MAGIC)
    while at >= 0:
        page = _page(tail[at : at + _LONGEST_PAGE], at)
        if page and page.serial == serial and page.granule not in (0, _NO_GRANULE):
            return page
        at = tail.rfind(_MAGIC, 0, at)
    return None


def _stream(packet: bytes) -> _Stream:
    """What the first packet says."""
    if packet[:8] == b"OpusHead" and len(packet) >= 19:
        channels, skipped = struct.unpack_from("<BH", packet, 9)
        return _Stream(codec="Opus", channels=channels, rate=_OPUS_RATE, skipped=skipped)
    if packet[:7] == b"\x01vorbis" and len(packet) >= 30:
        channels, rate = struct.unpack_from("<BI", packet, 11)
        return _Stream(codec="Vorbis", channels=channels, rate=rate, skipped=0)
    name = next((name for start, name in _OTHERS.items() if packet.startswith(start)), None)
    raise refused("audio_codec", f"The Ogg file holds {name or 'no audio'}, not Opus or Vorbis.")
