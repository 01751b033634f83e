"""Files with one thing wrong each, and what must be said of them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

from tests.media.formats import FORMATS
from tests.media.material import chunk, fmt, made, riff, samples, wav

Damage = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Case:
    """`faults` are the codes of Analysis.faults, `refused` that of the refusal."""

    filename: str
    data: Callable[[], bytes]
    faults: tuple[str, ...] = ()
    refused: str | None = None


def patched(at: int, new: bytes) -> Damage:
    return lambda data: data[:at] + new + data[at + len(new) :]


def replaced(old: bytes, new: bytes) -> Damage:
    def replace(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    return replace


def cut(share: float) -> Damage:
    return lambda data: data[: int(len(data) * share)]


def flipped(share: float) -> Damage:
    """One bit of one byte, so far into the file."""

    def flip(data: bytes) -> bytes:
        at = int(len(data) * share)
        return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1 :]

    return flip


def of(
    name: str, damage: Damage, *faults: str, refused: str | None = None, filename: str | None = None
) -> Case:
    """A file of a format of tests.media.formats, damaged."""
    filename = filename or f"music.{FORMATS[name].ending}"
    return Case(filename, lambda: damage(made(name)), faults, refused)


def raw(data: bytes, *faults: str, refused: str | None = None, filename: str = "a.wav") -> Case:
    return Case(filename, lambda: data, faults, refused)


def early_index(data: bytes) -> bytes:
    """An MP4 whose index stands before the media, as streaming wants it."""
    at = data.index(b"moov") - 4
    length = struct.unpack_from(">I", data, at)[0]
    moov, media = data[at : at + length], data.index(b"mdat") - 4
    offsets = moov.index(b"stco") + 8
    count = struct.unpack_from(">I", moov, offsets)[0]
    table = bytearray(moov)
    for entry in range(count):
        where = offsets + 4 + 4 * entry
        old = struct.unpack_from(">I", table, where)[0]
        struct.pack_into(">I", table, where, old + length)
    return data[:media] + bytes(table) + data[media:at] + data[at + length :]


def _mp3_gap(data: bytes) -> bytes:
    return data[:30_000] + b"gap" * 50 + data[30_000:]


def _hole(data: bytes) -> bytes:
    """Zeros over a part of the audio."""
    at = len(data) // 2
    return data[:at] + bytes(600) + data[at + 600 :]


def _nested(data: bytes) -> bytes:
    """An index of boxes within boxes."""
    inner = b""
    for _ in range(3000):
        inner = struct.pack(">I4s", len(inner) + 8, b"trak") + inner
    moov = struct.pack(">I4s", len(inner) + 8, b"moov") + inner
    return data[: data.index(b"moov") - 4] + moov


def _headers_of_ogg(data: bytes) -> bytes:
    """The first two pages."""
    return b"OggS".join(data.split(b"OggS")[:3])


def _more_frames(data: bytes, more: int = 1000) -> bytes:
    """FLAC whose STREAMINFO states more samples, and no MD5."""
    packed = int.from_bytes(data[18:26], "big") + more
    return data[:18] + packed.to_bytes(8, "big") + bytes(16) + data[42:]


SOUND = {
    "a chunk before the audio": raw(wav(chunk(b"JUNK", bytes(28)))),
    "a chunk of odd length before the audio": raw(wav(chunk(b"bext", bytes(603)))),
    "a chunk of odd length without its padding": raw(wav(chunk(b"bext", bytes(603))[:-1])),
    "a chunk after the audio": raw(wav(after=(chunk(b"LIST", b"INFOabcd"),))),
    "EXTENSIBLE": raw(
        riff(
            chunk(
                b"fmt ",
                struct.pack("<HHIIHH", 0xFFFE, 2, 44_100, 264_600, 6, 24)
                + struct.pack("<HHI", 22, 24, 3)
                + bytes.fromhex("0100000000001000800000aa00389b71"),
            ),
            chunk(b"data", samples(bits=24)),
        )
    ),
    "floating point": raw(
        riff(fmt(tag=3, bits=32), chunk(b"data", struct.pack("<f", 0.25) * 88_200))
    ),
    "MP4 with its index first": of("alac_16", early_index),
    "FLAC that states no length": of(
        "flac_16",
        lambda data: data[:21] + bytes([data[21] & 0xF0]) + bytes(4) + bytes(16) + data[42:],
    ),
    "FLAC with ID3v1": of("flac_24", lambda data: data + b"TAG" + bytes(125)),
    "MP3 with ID3v1": of("mp3_320", lambda data: data + b"TAG" + bytes(125)),
    "MP3 without a tag of its encoder": of("mp3_320", replaced(b"Info", b"\0\0\0\0")),
    "MP3 whose tag states no frames": of(
        "mp3_320", lambda d: patched(d.index(b"Info") + 8, bytes(4))(d)
    ),
}
FAULTS = {
    "WAV cut": of("wav_16", cut(0.7), "truncated"),
    "WAV cut within a sample": of("wav_24", lambda data: data[:-1], "truncated"),
    "WAV of data size 0": of("wav_16", patched(40, bytes(4)), "size_wrong"),
    "WAV of unknown sizes": of(
        "wav_16",
        lambda data: patched(4, b"\xff" * 4)(patched(40, b"\xff" * 4)(data)),
        "size_wrong",
    ),
    "WAV of wrong RIFF size": of("wav_16", patched(4, struct.pack("<I", 99)), "size_wrong"),
    "WAV with bytes behind": of("wav_16", lambda data: data + b"\x01junk" * 9, "data_after_end"),
    "WAV with a wrong byte rate": of("wav_16", patched(28, struct.pack("<I", 7)), "header_wrong"),
    "RF64 cut": of("rf64_24", cut(0.7), "truncated"),
    "BW64 cut": of("bw64_24", cut(0.7), "truncated"),
    "AIFF cut": of("aiff_24", cut(0.7), "truncated"),
    "AIFF of more samples stated": of(
        "aifc_16", patched(34, struct.pack(">I", 100_000)), "length_differs"
    ),
    "AIFF of fewer samples stated": of(
        "aifc_16", patched(34, struct.pack(">I", 1000)), "length_differs"
    ),
    "AIFF of wrong size": of("aiff_16", patched(4, struct.pack(">I", 99)), "size_wrong"),
    "AIFF with bytes behind": of("aiff_16", lambda data: data + b"\x01junk" * 9, "data_after_end"),
    "FLAC cut": of("flac_24", cut(0.6), "truncated"),
    "FLAC with a flipped bit": of("flac_16", flipped(0.5), "audio_damaged"),
    "FLAC with a flipped bit in its first frame": of(
        "flac_24", lambda data: flipped(6000 / len(data))(data), "audio_damaged"
    ),
    "FLAC with another MD5": of("flac_24", patched(26, bytes(range(16))), "checksum_wrong"),
    "FLAC of more samples stated": of("flac_16", _more_frames, "truncated"),
    "FLAC of fewer samples stated": of(
        "flac_16", lambda data: _more_frames(data, -1000), "length_differs"
    ),
    "FLAC behind ID3": of(
        "flac_16", lambda data: b"ID3\x04\0\0\0\0\0\x0a" + bytes(10) + data, "header_wrong"
    ),
    "FLAC with bytes behind": of("flac_16", lambda data: data + b"\x01junk" * 9, "data_after_end"),
    "FLAC with zeros behind": of("flac_24", lambda data: data + bytes(9), "data_after_end"),
    "FLAC with much behind": of("flac_24", lambda data: data + samples(), "data_after_end"),
    "FLAC damaged at its end": of("flac_24", flipped(0.995), "audio_damaged"),
    "ALAC cut": of("alac_24", lambda data: cut(0.6)(early_index(data)), "truncated"),
    "AAC cut": of("aac_256", lambda data: cut(0.6)(early_index(data)), "truncated"),
    "ALAC with a hole": of("alac_16", _hole, "audio_damaged"),
    "AAC with a hole": of("aac_256", _hole, "audio_damaged"),
    "MP4 with bytes behind": of("alac_16", lambda data: data + b"\x01junk" * 9, "data_after_end"),
    "MP3 cut": of("mp3_320", cut(0.6), "truncated"),
    "MP3 with a gap": of("mp3_320", _mp3_gap, "audio_damaged"),
    "MP3 with bytes behind": of("mp3_320", lambda data: data + b"junk" * 9, "data_after_end"),
    "Opus cut": of("opus_192", cut(0.6), "truncated"),
    "Opus with a flipped bit": of("opus_192", flipped(0.5), "audio_damaged"),
    "Opus with bytes behind": of("opus_192", lambda data: data + b"junk" * 9, "data_after_end"),
    "WAV named MP3": of("wav_16", bytes, "extension_differs", filename="song.mp3"),
    "MP3 named WAV": of("mp3_320", bytes, "extension_differs", filename="song.WAV"),
    "WAV named as a text": of("wav_24", bytes, "extension_differs", filename="song.txt"),
}
UNREADABLE = {
    "nothing": raw(b"", refused="file_empty"),
    "noise": raw(samples(0.1), refused="media_unknown"),
    "WAV without samples": of("wav_16", lambda data: data[:44], refused="audio_empty"),
    "WAV without data": raw(riff(fmt()), refused="audio_empty"),
    "WAV without fmt": raw(riff(chunk(b"data", samples())), refused="audio_header"),
    "WAV of half a header": of("wav_16", lambda data: data[:30], refused="audio_header"),
    "ADPCM in WAV": raw(wav(form=fmt(tag=2, bits=16)), refused="audio_codec"),
    "MP3 in WAV": raw(wav(form=fmt(tag=0x55, bits=16)), refused="audio_codec"),
    "WAV of no channels": raw(wav(form=fmt(channels=0, align=4)), refused="audio_format"),
    "WAV of no rate": raw(wav(form=fmt(rate=0)), refused="audio_format"),
    "WAV of 4 GHz": raw(wav(form=fmt(rate=4_000_000_000)), refused="audio_format"),
    "WAV of 999 channels": raw(wav(form=fmt(channels=999)), refused="audio_format"),
    "WAV of odd blocks": raw(wav(form=fmt(align=3)), refused="audio_format"),
    "AIFF without samples": of("aiff_16", lambda data: data[:54], refused="audio_empty"),
    "AIFF of another codec": of("aifc_16", replaced(b"sowt", b"ulaw"), refused="audio_codec"),
    "AIFF of no rate": of(
        "aifc_16", lambda d: patched(d.index(b"COMM") + 16, bytes(10))(d), refused="audio_format"
    ),
    "FLAC without audio": of("flac_16", lambda data: data[:42], refused="audio_header"),
    "FLAC of half a header": of("flac_16", lambda data: data[:20], refused="audio_header"),
    "ALAC without its index": of("alac_16", cut(0.6), refused="audio_header"),
    "MP4 nested without end": of("aac_256", _nested, refused="audio_header"),
    "AAC with DRM": of("aac_256", replaced(b"mp4a", b"drms"), refused="audio_encrypted"),
    "AAC encrypted": of("aac_256", replaced(b"mp4a", b"enca"), refused="audio_encrypted"),
    "AC-3 in MP4": of("aac_256", replaced(b"mp4a", b"ac-3"), refused="audio_codec"),
    "MP3 of a tag alone": raw(
        b"ID3\x04\0\0\0\0\0\x0a" + bytes(10), refused="audio_empty", filename="a.mp3"
    ),
    "Opus of headers alone": of("opus_192", _headers_of_ogg, refused="audio_empty"),
    "ZIP": raw(b"PK\x03\x04" + bytes(200), refused="file_archive"),
    "RAR": raw(b"Rar!\x1a\x07\x01\0" + bytes(200), refused="file_archive"),
    "7z": raw(b"7z\xbc\xaf\x27\x1c" + bytes(200), refused="file_archive"),
    "gzip": raw(b"\x1f\x8b\x08" + bytes(200), refused="file_archive"),
    "tar": raw(bytes(257) + b"ustar\0" + bytes(300), refused="file_archive"),
    "ffconcat": raw(b"ffconcat version 1.0\nfile /etc/passwd\n", refused="file_script"),
    "playlist": raw(b"#EXTM3U\n/etc/passwd\n", refused="file_script"),
    "web page": raw(b"\n<!DOCTYPE html>\n<html></html>", refused="file_script"),
    "text": raw(b"just words\n", refused="media_unknown"),
}
