"""Audio files of every format that is taken, made of a signal."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from tests.media.signals import Signal, integers

from deadwax.infrastructure.media import ffmpeg

Write = Callable[[Path, Signal, int], None]


@dataclass(frozen=True)
class Format:
    """`write(path, signal, rate)` makes the file; `bits` is None for lossy codecs and floating
    point."""

    ending: str
    container: str
    codec: str
    bits: int | None
    write: Write


def _by_libsndfile(kind: str, subtype: str, bits: int | None) -> Write:
    def write(path: Path, signal: Signal, rate: int) -> None:
        samples = signal.astype(np.float32) if bits is None else integers(signal, bits)
        soundfile.write(path, samples, rate, subtype=subtype, format=kind)

    return write


def _by_ffmpeg(kind: str, *options: str) -> Write:
    """Of samples of 32 bits, from which it takes what the codec wants."""

    def write(path: Path, signal: Signal, rate: int) -> None:
        channels = str(signal.shape[1])
        source = ("-f", "s32le", "-ar", str(rate), "-ac", channels, "-i", "pipe:0")
        bits = 16 if "s16p" in options else 24
        samples = integers(signal, bits).astype(np.int32) << (32 - bits if bits == 16 else 0)
        command = [*source, "-flags", "+bitexact", "-map_metadata", "-1", *options]
        ffmpeg.run([*command, "-f", kind, "-y", str(path)], stdin=samples.astype("<i4").tobytes())

    return write


def _long(magic: bytes) -> Write:
    """RF64, or BW64 as ITU-R BS.2088 calls it, of 24 bits."""

    def write(path: Path, signal: Signal, rate: int) -> None:
        frames, channels = signal.shape
        words = integers(signal, 24).astype("<i4").view(np.uint8).reshape(-1, 4)
        data, align = words[:, 1:].tobytes(), channels * 3
        padded = data + bytes(len(data) % 2)
        long = struct.pack("<QQQI", 4 + 36 + 24 + 8 + len(padded), len(data), frames, 0)
        form = struct.pack("<HHIIHH", 1, channels, rate, rate * align, align, 24)
        path.write_bytes(
            magic
            + struct.pack("<I4s", 0xFFFFFFFF, b"WAVE")
            + struct.pack("<4sI", b"ds64", len(long))
            + long
            + struct.pack("<4sI", b"fmt ", len(form))
            + form
            + struct.pack("<4sI", b"data", 0xFFFFFFFF)
            + padded
        )

    return write


def _little_endian_aiff(path: Path, signal: Signal, rate: int) -> None:
    """AIFF-C as macOS writes it."""
    samples = integers(signal, 16).astype("<i2").tobytes()
    exponent = rate.bit_length() - 1
    extended = struct.pack(">HQ", 16383 + exponent, rate << 63 - exponent)
    common = struct.pack(">hIh", signal.shape[1], len(signal), 16) + extended + b"sowt\0\0"
    chunks = (
        (b"FVER", struct.pack(">I", 0xA2805140)),
        (b"COMM", common),
        (b"SSND", bytes(8) + samples),
    )
    body = b"".join(kind + struct.pack(">I", len(data)) + data for kind, data in chunks)
    path.write_bytes(b"FORM" + struct.pack(">I", 4 + len(body)) + b"AIFC" + body)


LOSSLESS = {
    "wav_16": Format("wav", "WAV", "PCM", 16, _by_libsndfile("WAV", "PCM_16", 16)),
    "wav_24": Format("wav", "WAV", "PCM", 24, _by_libsndfile("WAV", "PCM_24", 24)),
    "rf64_24": Format("wav", "WAV", "PCM", 24, _long(b"RF64")),
    "bw64_24": Format("wav", "WAV", "PCM", 24, _long(b"BW64")),
    "aiff_16": Format("aiff", "AIFF", "PCM", 16, _by_libsndfile("AIFF", "PCM_16", 16)),
    "aiff_24": Format("aif", "AIFF", "PCM", 24, _by_libsndfile("AIFF", "PCM_24", 24)),
    "aifc_16": Format("aifc", "AIFF", "PCM", 16, _little_endian_aiff),
    "flac_16": Format("flac", "FLAC", "FLAC", 16, _by_libsndfile("FLAC", "PCM_16", 16)),
    "flac_24": Format("flac", "FLAC", "FLAC", 24, _by_libsndfile("FLAC", "PCM_24", 24)),
    "alac_16": Format(
        "m4a", "MP4", "ALAC", 16, _by_ffmpeg("ipod", "-c:a", "alac", "-sample_fmt", "s16p")
    ),
    "alac_24": Format(
        "m4a", "MP4", "ALAC", 24, _by_ffmpeg("ipod", "-c:a", "alac", "-sample_fmt", "s32p")
    ),
}
LOSSY = {
    "mp3_320": Format(
        "mp3", "MP3", "MP3", None, _by_ffmpeg("mp3", "-c:a", "libmp3lame", "-b:a", "320k")
    ),
    "aac_256": Format("m4a", "MP4", "AAC", None, _by_ffmpeg("ipod", "-c:a", "aac", "-b:a", "256k")),
    "opus_192": Format(
        "opus", "Ogg", "Opus", None, _by_ffmpeg("opus", "-c:a", "libopus", "-b:a", "192k")
    ),
}
FORMATS = LOSSLESS | LOSSY
