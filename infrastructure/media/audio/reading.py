"""Audio as blocks of samples, from every format that is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import BinaryIO

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.decoders import checksummed, ffmpeg_blocks, flac_blocks
from deadwax.infrastructure.media.audio.header import Header, refused
from deadwax.infrastructure.media.audio.headers import faults_within, read_header
from deadwax.infrastructure.media.audio.pcm import pcm_blocks
from deadwax.infrastructure.media.audio.stream import Samples

# Of FLAC, and only where the header states a length.
_LIBSNDFILE_BITS = (8, 16, 24)
# What is cut or damaged has too few samples, and decoders complain of what follows the end.
_CAUSES = frozenset({"truncated", "audio_damaged", "length_differs", "data_after_end"})
_FOLLOWING = frozenset({"length_differs", "audio_damaged", "checksum_wrong"})


class Reading:
    """An AudioStream of a file. Its blocks are arrays of their own, to be asked for once; Refused
    where not one sample can be decoded. `faults` are those of its header, and those met
    so far."""

    def __init__(self, path: str, file: BinaryIO, header: Header) -> None:
        self.header = header
        self.sampling_rate = header.sampling_rate
        self.channels = header.channels
        self.bits = header.bits
        self.frames = header.frames
        self.faults: list[Fault] = list(header.faults)
        self.read = 0
        """Frames that were read so far."""
        self._path = path
        self.file = file

    def blocks(self, frames: int) -> Iterator[Samples]:
        for block in self._source(frames):
            self.read += len(block)
            yield block
        self._compare()

    def _compare(self) -> None:
        header = self.header
        if header.frames_exact and abs(self.read - header.frames) > header.slack:
            self._note(
                Fault(
                    code="length_differs",
                    message="The header states another number of samples than there are.",
                    value=self.read,
                    limit=header.frames,
                )
            )

    def _note(self, fault: Fault) -> None:
        """Unless it follows from one that is known already."""
        known = {known.code for known in self.faults}
        if fault.code not in _FOLLOWING or not known & _CAUSES:
            self.faults.append(fault)

    def _source(self, frames: int) -> Iterator[Samples]:
        header, found = self.header, self._note
        if header.sample is not None:
            return pcm_blocks(self.file, header, frames)
        if header.codec == "FLAC" and header.bits in _LIBSNDFILE_BITS and header.frames_exact:
            blocks = flac_blocks(self._path, header, frames, found)
        else:
            blocks = ffmpeg_blocks(self._path, header, frames, found)
        return checksummed(blocks, header, found)


@contextmanager
def open_audio(path: str, thorough: bool = False) -> Iterator[Reading]:
    """Raises Refused for what is no audio, or cannot be read as such. `thorough` first looks for
    faults that no decoder tells of."""
    with ExitStack() as stack:
        file = stack.enter_context(open(path, "rb", buffering=0))
        header = read_header(file)
        if header is None:
            raise refused("media_unknown", "The file is no audio of a known kind.")
        reading = Reading(path, file, header)
        if thorough:
            reading.faults.extend(faults_within(file, header))
        yield reading
