"""Which reader is for which audio file, by its first bytes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio import aiff, flac, mp3, mp4, ogg, wav
from deadwax.infrastructure.media.audio.header import Header


def read_header(file: BinaryIO) -> Header | None:
    """None for what is no audio, Refused for audio that cannot be read."""
    file.seek(0)
    head = file.read(16)
    if wav.is_wav(head):
        return wav.read(file)
    if aiff.is_aiff(head):
        return aiff.read(file)
    if flac.is_flac(head):
        return flac.read(file)
    if ogg.is_ogg(head):
        return ogg.read(file)
    if mp4.is_mp4(head):
        return mp4.read(file)
    if start := flac.behind_id3(file):
        return flac.read(file, start)
    return mp3.read(file)


def faults_within(file: BinaryIO, header: Header) -> Iterator[Fault]:
    """What only a walk through the whole file finds, without decoding."""
    if header.container == "MP3":
        yield from mp3.faults(file, header)
    elif header.container == "Ogg":
        yield from ogg.faults(file, header)
    elif header.container == "FLAC":
        yield from flac.faults(file, header)
