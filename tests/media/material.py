"""Files to read, made once per session: two seconds of music of sorts in every format."""

from __future__ import annotations

import struct
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from tests.media.formats import FORMATS
from tests.media.signals import Signal

RATE = 44_100
SECONDS = 2


@cache
def music() -> Signal:
    """Chords that change, with some noise; neither silent, nor clipped, nor mono."""
    time = np.arange(RATE * SECONDS) / RATE
    noise = np.random.default_rng(7).normal(0, 0.005, (len(time), 2))
    left, right = (
        sum(np.sin(2 * np.pi * note * (1 + time // 0.25) * time) for note in chord)
        for chord in ((220, 277.2, 329.6), (233.1, 293.7, 349.2))
    )
    return np.column_stack((left, right)) * 0.12 + noise


@cache
def made(name: str) -> bytes:
    """The file of a format of tests.media.formats."""
    form = FORMATS[name]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"music.{form.ending}"
        form.write(path, music(), RATE)
        return path.read_bytes()


def kept(folder: Path, filename: str, data: bytes) -> str:
    """The path of a file with these bytes."""
    path = folder / filename
    path.write_bytes(data)
    return str(path)


def chunk(kind: bytes, body: bytes) -> bytes:
    """Of RIFF, with its padding."""
    return struct.pack("<4sI", kind, len(body)) + body + b"\0" * (len(body) % 2)


def riff(*chunks: bytes, form: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", form, len(body)) + body


def fmt(
    tag: int = 1, channels: int = 2, rate: int = RATE, bits: int = 16, align: int | None = None
) -> bytes:
    align = channels * bits // 8 if align is None else align
    speed = rate * align & 0xFFFFFFFF
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, speed, align, bits))


def samples(seconds: float = 1.0, channels: int = 2, bits: int = 16) -> bytes:
    """Noise, as little-endian integers."""
    count = int(RATE * seconds) * channels * bits // 8
    return np.random.default_rng(3).integers(0, 256, count, np.uint8).tobytes()


def wav(*before: bytes, after: tuple[bytes, ...] = (), form: bytes = fmt()) -> bytes:
    """A second of 16 bit stereo noise between other chunks."""
    return riff(*before, form, chunk(b"data", samples()), *after)
