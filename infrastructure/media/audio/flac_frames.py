"""The last frame of a FLAC stream, which says how long the stream really is (RFC 9639, 9.1)."""

from __future__ import annotations

from dataclasses import dataclass
from mmap import mmap

_POLYNOMIAL = 0x07
_BLOCKS = {1: 192, **{code: 576 << code - 2 for code in range(2, 6)}}
_BLOCKS |= {code: 256 << code - 8 for code in range(8, 16)}
_RATE_BYTES = {12: 1, 13: 2, 14: 2}
_MOST_LOOKED_AT = 10_000


@dataclass(frozen=True, kw_only=True)
class Frame:
    """`number` is that of the frame, or of its first sample where block sizes vary."""

    number: int
    samples: int
    varies: bool


@dataclass(frozen=True, kw_only=True)
class Last:
    """The last frame: where it begins, how many samples it has, and how many the stream has up to
    its end."""

    at: int
    samples: int
    end: int


def last_frame(stream: bytes | mmap, begin: int, first: bytes, fixed: int) -> Last | None:
    """The last whose header stands behind `begin`. `first` are the first four bytes of the first
    frame, which all others resemble: the checksum alone would find a frame in noise once in 2000
    files. `fixed` is the block size of a stream in which it does not vary."""
    at = len(stream)
    for _ in range(_MOST_LOOKED_AT):
        at = stream.rfind(first[:2], begin, at)
        if at < 0:
            return None
        data = stream[at : at + 20]
        alike = len(data) > 2 and (data[2] ^ first[2]) & 0x0F == 0
        frame = _header(data, first[3] & 0x0F) if alike else None
        if frame is not None:
            end = frame.number * (1 if frame.varies else fixed) + frame.samples
            return Last(at=at, samples=frame.samples, end=end)
    return None


def possible_ends(data: bytes) -> list[int]:
    """After how many of these bytes the frame that they begin with may end, by its CRC-16: the
    remainder is none there, and now and then elsewhere."""
    crc, ends = 0, []
    for at, byte in enumerate(data, start=1):
        crc = (crc << 8 & 0xFFFF) ^ _REMAINDERS[crc >> 8 ^ byte]
        if not crc:
            ends.append(at)
    return ends


def _remainder(byte: int) -> int:
    """With the polynomial x^16 + x^15 + x^2 + 1."""
    crc = byte << 8
    for _ in range(8):
        crc = (crc << 1 ^ (0x8005 if crc & 0x8000 else 0)) & 0xFFFF
    return crc


_REMAINDERS = tuple(map(_remainder, range(256)))


def _header(data: bytes, depth: int) -> Frame | None:
    """None where these bytes are none, by their checksum; `depth` as in the first frame."""
    if len(data) < 6 or data[3] & 0x0F != depth:
        return None
    block, rate, channels = data[2] >> 4, data[2] & 15, data[3] >> 4
    coded = _coded_number(data[4:])
    if block == 0 or rate == 15 or channels > 10 or coded is None:
        return None
    number, length = coded
    at = 4 + length
    size = _BLOCKS.get(block)
    if size is None:
        size = int.from_bytes(data[at : at + block - 5], "big") + 1
        at += block - 5
    at += _RATE_BYTES.get(rate, 0)
    if at >= len(data) or _checksum(data[:at]) != data[at]:
        return None
    return Frame(number=number, samples=size, varies=bool(data[1] & 1))


def _coded_number(data: bytes) -> tuple[int, int] | None:
    """A number as UTF-8 would have it, of up to 36 bits, and its length."""
    first = data[0]
    if first < 0x80:
        return first, 1
    length = 8 - (first ^ 0xFF).bit_length()
    if not 2 <= length <= 7 or len(data) < length:
        return None
    number = first & (0x7F >> length)
    for byte in data[1:length]:
        if byte & 0xC0 != 0x80:
            return None
        number = number << 6 | byte & 0x3F
    return number, length


def _checksum(data: bytes) -> int:
    """CRC-8 with the polynomial x^8 + x^2 + x + 1."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ (_POLYNOMIAL if crc & 0x80 else 0)) & 0xFF
    return crc
