"""The configuration of AAC within MP4: ISO/IEC 14496-1, 7.2.6 and 14496-3, 1.6.2.1."""

from __future__ import annotations

from deadwax.infrastructure.media.audio.header import refused

_ES, _DECODER, _SPECIFIC = 3, 4, 5
_MPEG_4_AUDIO = 0x40
_SBR, _PS = 5, 29
# Object types that ffmpeg decodes: Main, LC, SSR, LTP, SBR, PS and xHE-AAC.
_TAKEN = frozenset({1, 2, 3, 4, _SBR, _PS, 42})
_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)
_CHANNELS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 8, 11: 7, 12: 8, 14: 8}


class _Bits:
    """Bits of a configuration, from its first; zeros behind its end."""

    def __init__(self, data: bytes) -> None:
        self._bits = int.from_bytes(data[:16].ljust(16, b"\0"), "big")
        self._left = 128

    def take(self, count: int) -> int:
        self._left -= count
        return self._bits >> self._left & ((1 << count) - 1)


def read(descriptors: bytes) -> tuple[int, int]:
    """Channels (0 where the configuration leaves them to the stream) and Hz of an esds box.
    IndexError where it is damaged; Refused for what is not AAC."""
    config = _specific(descriptors)
    if len(config) < 2:
        raise refused("audio_header", "The AAC audio has no configuration.")
    bits = _Bits(config)
    kind = bits.take(5)
    kind = 32 + bits.take(6) if kind == 31 else kind
    if kind not in _TAKEN:
        raise refused("audio_codec", f"The MP4 file holds MPEG-4 audio of type {kind}, not AAC.")
    rate, channels = _rate(bits), _CHANNELS.get(bits.take(4), 0)
    if kind in (_SBR, _PS):  # twice the rate, and with PS two channels of one
        rate = _rate(bits)
        channels = 2 if kind == _PS and channels == 1 else channels
    return channels, rate


def _rate(bits: _Bits) -> int:
    index = bits.take(4)
    return bits.take(24) if index == 15 else _RATES[index]


def _specific(data: bytes) -> bytes:
    """The AudioSpecificConfig, within the descriptors around it."""
    at = 0
    while at + 2 <= len(data):
        tag, length, at = data[at], 0, at + 1
        for _ in range(4):
            byte, at = data[at], at + 1
            length = length << 7 | byte & 0x7F
            if not byte & 0x80:
                break
        if tag == _SPECIFIC:
            return data[at : at + length]
        at += _inner(tag, data, at, length)
    return b""


def _inner(tag: int, data: bytes, at: int, length: int) -> int:
    """The bytes before the descriptors within this one; all of it, where there are none."""
    if tag == _ES:
        flags, skip = data[at + 2], 3
        skip += 2 if flags & 0x80 else 0
        skip += data[at + skip] + 1 if flags & 0x40 else 0
        return skip + (2 if flags & 0x20 else 0)
    if tag == _DECODER:
        if data[at] != _MPEG_4_AUDIO:
            raise refused("audio_codec", "The MP4 file holds no MPEG-4 AAC.")
        return 13
    return length
