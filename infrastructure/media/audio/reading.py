"""Audio as blocks of samples, from every format that is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, BinaryIO, Protocol

from numpy.typing import NDArray

from deadwax.domain.media.measured import Fault
from deadwax.infrastructure.media.audio.decoders import ffmpeg_blocks, flac_blocks
from deadwax.infrastructure.media.audio.header import Header, refused
from deadwax.infrastructure.media.audio.headers import read_header
from deadwax.infrastructure.media.audio.pcm import pcm_blocks

Block = NDArray[Any]
_LIBSNDFILE_BITS = (8, 16, 24)


class AudioStream(Protocol):
    """The samples of one file, from its first to its last.

    `bits` is None for lossy codecs and floating point; `frames` is what the header states, None
    where it states nothing: a damaged file may yield more or fewer.
    """

    @property
    def sampling_rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def frames(self) -> int | None: ...

    def blocks(self, frames: int) -> Iterator[Block]:
        """Arrays of shape (n, channels) with at most `frames` rows, each an array of its own:
        int16 up to 16 bits, int32 above, both left-justified; float32 in +-1 where `bits` is None.
        To be called once. Refused where not one sample can be decoded."""
        ...


class Reading:
    """An AudioStream of a file; `faults` are those met so far."""

    def __init__(self, path: str, file: BinaryIO, header: Header) -> None:
        self.header = header
        self.sampling_rate = header.sampling_rate
        self.channels = header.channels
        self.bits = header.bits
        self.frames = header.frames
        self.faults: list[Fault] = []
        self.read = 0
        """Frames that were read so far."""
        self._path = path
        self._file = file

    def blocks(self, frames: int) -> Iterator[Block]:
        for block in self._source(frames):
            self.read += len(block)
            yield block

    def _source(self, frames: int) -> Iterator[Block]:
        header, found = self.header, self.faults.append
        if header.sample is not None:
            return pcm_blocks(self._file, header, frames)
        if header.container == "FLAC" and header.bits in _LIBSNDFILE_BITS:
            return flac_blocks(self._path, header, frames, found)
        return ffmpeg_blocks(self._path, header, frames, found)


@contextmanager
def open_audio(path: str) -> Iterator[Reading]:
    """Raises Refused for what is no audio, or cannot be read as such."""
    with ExitStack() as stack:
        file = stack.enter_context(open(path, "rb", buffering=0))
        header = read_header(file)
        if header is None:
            raise refused("media_unknown", "The file is no audio of a known kind.")
        yield Reading(path, file, header)
