"""Compressed audio as samples: FLAC by libsndfile in this process, the rest by ffmpeg."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np
import soundfile

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.header import LONGEST_S, Header, refused
from deadwax.infrastructure.media.audio.pcm_hash import packed
from deadwax.infrastructure.media.audio.stream import Samples

_DEMUXERS = {"FLAC": "flac", "MP4": "mov", "MP3": "mp3", "Ogg": "ogg"}
_FINE = 4096


def source(path: str, header: Header) -> list[str]:
    """ffmpeg's options that open the file. Uncompressed samples are read as such: what its own
    reader would make of a strange header does not matter then."""
    if header.sample is None:
        return ffmpeg.source(path, _DEMUXERS[header.container])
    order, kind, width = "be" if header.sample[0] == ">" else "le", *header.sample[-2:]
    letter = {"i": "s"}.get(kind, kind)
    demuxer = f"{letter}{int(width) * 8}{'' if width == '1' else order}"
    raw = ("-skip_initial_bytes", str(header.audio.start), "-ar", str(header.sampling_rate))
    return [*raw, "-ac", str(header.channels), *ffmpeg.source(path, demuxer)]


def flac_blocks(
    path: str, header: Header, frames: int, found: Callable[[Fault], None]
) -> Iterator[Samples]:
    """See AudioStream.blocks. Ends, and tells of it, where the stream is damaged."""
    kind = "int16" if (header.bits or 0) <= 16 else "int32"
    at = 0
    try:
        with soundfile.SoundFile(path) as file:
            while at < header.frames:
                block = file.read(min(frames, header.frames - at), dtype=kind, always_2d=True)
                if not len(block):
                    break
                yield block
                at += len(block)
    except soundfile.LibsndfileError:
        if len(rest := _up_to_the_damage(path, at, kind)):
            yield rest
            at += len(rest)
        if not at:  # damaged in its first frame, without which libsndfile opens nothing
            yield from ffmpeg_blocks(path, header, frames, found)
            return
        found(
            Fault(
                code="audio_damaged",
                message="The audio cannot be decoded from here on.",
                at_s=at / header.sampling_rate,
            )
        )


def _up_to_the_damage(path: str, start: int, kind: str) -> Samples:
    """What is left of a block that could not be read as a whole."""
    blocks = [np.empty((0, 1), kind)]
    try:
        with soundfile.SoundFile(path) as file:
            file.seek(start)
            while len(block := file.read(_FINE, dtype=kind, always_2d=True)):
                blocks.append(block)
    except soundfile.LibsndfileError:
        pass
    return np.concatenate(blocks[1:] or blocks)


def checksummed(
    blocks: Iterator[Samples], header: Header, found: Callable[[Fault], None]
) -> Iterator[Samples]:
    """The same blocks; at their end they are held against the MD5 that a FLAC header states."""
    bits = header.bits
    if header.md5 is None or bits is None:
        yield from blocks
        return
    md5, frames = hashlib.md5(usedforsecurity=False), 0
    for block in blocks:
        md5.update(packed(block.reshape(-1), bits).data)
        frames += len(block)
        yield block
    if frames == header.frames and md5.digest() != header.md5:
        found(
            Fault(
                code="checksum_wrong",
                message="The audio does not have the MD5 that its header states.",
                value=md5.hexdigest(),
                limit=header.md5.hex(),
            )
        )


def ffmpeg_blocks(
    path: str, header: Header, frames: int, found: Callable[[Fault], None]
) -> Iterator[Samples]:
    """See AudioStream.blocks. What ffmpeg cannot decode it leaves out, and that is told."""
    bits = header.bits
    kind = np.dtype(np.float32 if bits is None else np.int16 if bits <= 16 else np.int32)
    codec = {"f": "f32le", "i": f"s{kind.itemsize * 8}le"}[kind.kind]
    options = [
        *("-err_detect", "crccheck"),
        *source(path, header),
        *("-map", "0:a:0", "-ac", str(header.channels), "-ar", str(header.sampling_rate)),
        *("-f", codec, "-c:a", f"pcm_{codec}", "pipe:1"),
    ]
    align = kind.itemsize * header.channels
    at = 0
    with ffmpeg.decoding(options) as run:
        while data := run.output.read(frames * align):
            block: Samples = np.frombuffer(data, kind, len(data) // align * header.channels)
            at += len(block) // header.channels
            if at > LONGEST_S * header.sampling_rate:
                raise refused("audio_too_long", "The audio is longer than a day.")
            yield block.reshape(-1, header.channels)
        well, errors = run.ended_well(), run.errors()
        complaint = run.complaints() if errors else "The decoder ended early."
    if not at:
        raise refused("audio_undecodable", "Not one sample of it can be decoded.")
    if errors or not well:
        found(
            Fault(
                code="audio_damaged",
                message=f"The audio cannot be decoded as a whole: {complaint}",
                at_s=_decoded_before(options) / align / header.sampling_rate,
            )
        )


def _decoded_before(options: list[str]) -> int:
    """The bytes decoded before the first error, at which ffmpeg now ends."""
    total = 0
    with ffmpeg.decoding(["-xerror", *options]) as run:
        while data := run.output.read(1 << 20):
            total += len(data)
    return total
