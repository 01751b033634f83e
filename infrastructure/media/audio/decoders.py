"""Compressed audio as samples: FLAC by libsndfile in this process, the rest by ffmpeg."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.header import LONGEST_S, Header, refused

Samples = NDArray[Any]
_DEMUXERS = {"FLAC": "flac", "MP4": "mov", "MP3": "mp3", "Ogg": "ogg"}
_FINE = 4096


def flac_blocks(
    path: str, header: Header, frames: int, found: Callable[[Fault], None]
) -> Iterator[Samples]:
    """See AudioStream.blocks. Ends, and tells of it, where the stream is damaged."""
    kind = "int16" if (header.bits or 0) <= 16 else "int32"
    at = 0
    try:
        with soundfile.SoundFile(path) as file:
            while len(block := file.read(frames, dtype=kind, always_2d=True)):
                yield block
                at += len(block)
    except soundfile.LibsndfileError:
        for block in _up_to_the_damage(path, at, kind):
            yield block
            at += len(block)
        if not at:
            raise refused("audio_undecodable", "Not one sample of it can be decoded.") from None
        message = "The audio cannot be decoded from here on."
        found(Fault(code="audio_damaged", message=message, at_s=at / header.sampling_rate))


def _up_to_the_damage(path: str, start: int, kind: str) -> Iterator[Samples]:
    """What is left of a block that could not be read as a whole."""
    try:
        with soundfile.SoundFile(path) as file:
            file.seek(start)
            while len(block := file.read(_FINE, dtype=kind, always_2d=True)):
                yield block
    except soundfile.LibsndfileError:
        return


def ffmpeg_blocks(
    path: str, header: Header, frames: int, found: Callable[[Fault], None]
) -> Iterator[Samples]:
    """See AudioStream.blocks. What ffmpeg cannot decode it leaves out, and that is told."""
    bits = header.bits
    kind = np.dtype(np.float32 if bits is None else np.int16 if bits <= 16 else np.int32)
    codec = {"f": "f32le", "i": f"s{kind.itemsize * 8}le"}[kind.kind]
    options = [
        *ffmpeg.source(path, _DEMUXERS[header.container]),
        *("-map", "0:a:0", "-ac", str(header.channels), "-ar", str(header.sampling_rate)),
        *("-f", codec, "-c:a", f"pcm_{codec}", "pipe:1"),
    ]
    align = kind.itemsize * header.channels
    at, damaged_at = 0, None
    with ffmpeg.decoding(options) as run:
        while data := run.output.read(frames * align):
            block: Samples = np.frombuffer(data, kind, len(data) // align * header.channels)
            if damaged_at is None and run.errors():
                damaged_at = at / header.sampling_rate
            at += len(block) // header.channels
            if at > LONGEST_S * header.sampling_rate:
                raise refused("audio_too_long", "The audio is longer than a day.")
            yield block.reshape(-1, header.channels)
        well, errors = run.ended_well(), run.errors()
        complaint = run.complaints() if errors else "The decoder ended early."
    if not at:
        raise refused("audio_undecodable", "Not one sample of it can be decoded.")
    if errors or not well:
        end = at / header.sampling_rate
        found(
            Fault(
                code="audio_damaged",
                message=f"The audio cannot be decoded as a whole: {complaint}",
                value=max(1, errors),
                limit=0,
                at_s=end if damaged_at is None else damaged_at,
            )
        )
