"""Chromaprint's fingerprint of the first two minutes, by ffmpeg: 0.1 s of one core."""

from __future__ import annotations

from deadwax.domain.errors import Refused
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.decoders import source
from deadwax.infrastructure.media.audio.header import Header

LENGTH_S = 120
_SECONDS = 120.0
_NOTHING = "AQAAAA"
"""Of audio that is too short for one: the number of its items is 0."""


def fingerprint(path: str, header: Header) -> str | None:
    """Compressed, in base64 (Chromaprint's algorithm 1). None for less than about 3 s, and where
    ffmpeg cannot decode the audio."""
    options = [
        *source(path, header),
        *("-t", str(LENGTH_S), "-map", "0:a:0", "-ac", str(min(2, header.channels))),
        *("-f", "chromaprint", "-fp_format", "base64", "pipe:1"),
    ]
    try:
        found = ffmpeg.run(options, _SECONDS).decode("ascii").strip()
    except Refused:
        return None
    return None if found in ("", _NOTHING) else found
