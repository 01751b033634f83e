"""Which reader is for which audio file, by its first bytes."""

from __future__ import annotations

from typing import BinaryIO

from deadwax.infrastructure.media.audio import aiff, flac, wav
from deadwax.infrastructure.media.audio.header import Header


def read_header(file: BinaryIO) -> Header | None:
    """None for what is no audio at all, Refused for audio that cannot be read."""
    file.seek(0)
    head = file.read(16)
    if wav.is_wav(head):
        return wav.read(file)
    if aiff.is_aiff(head):
        return aiff.read(file)
    if flac.is_flac(head):
        return flac.read(file)
    if start := flac.behind_id3(file):
        return flac.read(file, start)
    return None
