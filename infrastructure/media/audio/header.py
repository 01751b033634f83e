"""What the header of an audio file says, and how its samples are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import Fault

LOWEST_RATE, HIGHEST_RATE = 1000, 768_000
MOST_CHANNELS = 128
LONGEST_S = 24 * 3600
"""Few bytes of FLAC or Opus can hold days of audio; nobody releases such a track."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """Bytes of the file: from `start`, `length` of them."""

    start: int
    length: int


@dataclass(frozen=True, kw_only=True)
class Header:
    """Read strictly from the header, without decoding.

    `container` and `codec` are DDEX values where those exist (ALAC, Opus and native FLAC have
    none). `frames` is what the header states (what the file really has, where it is uncompressed);
    `frames_exact` is False where it states none, and the number is reckoned; `slack` is by how many
    the decoder may differ. `audio` is where the audio data stands, as far as the file has it.
    `bits` is None for lossy codecs and floating point. `bit_rate` is that of lossy audio where the
    header tells it better than bytes by duration. `sample` is the numpy type of uncompressed
    samples, with `i3` for 24 bits. `md5` is of the samples, stated by FLAC. `chunks` are all those
    of RIFF and AIFF.
    """

    container: str
    codec: str
    channels: int
    sampling_rate: int
    audio: Span
    frames: int
    bits: int | None = None
    frames_exact: bool = True
    slack: int = 0
    bit_rate: int | None = None
    sample: str | None = None
    md5: bytes | None = None
    extensible: bool = False
    bytes_after: int = 0
    faults: tuple[Fault, ...] = ()
    chunks: Mapping[bytes, Span] = field(default_factory=dict)

    @property
    def stored_bits(self) -> int | None:
        """Those of `bits`, and of floating point numbers, which have no depth to be measured."""
        return self.bits or (8 * int(self.sample[-1]) if self.sample else None)

    def __post_init__(self) -> None:
        rate, channels, bits = self.sampling_rate, self.channels, self.bits
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise refused("audio_format", f"The header states {rate} samples per second.")
        if not 1 <= channels <= MOST_CHANNELS:
            raise refused("audio_format", f"The header states {channels} channels.")
        if bits is not None and not 4 <= bits <= 32:
            raise refused("audio_format", f"The header states {bits} bits per sample.")
        if self.frames <= 0 or self.audio.length <= 0:
            raise refused("audio_empty", "The audio has no samples.")
        if self.frames > LONGEST_S * rate:
            raise refused("audio_too_long", "The audio is longer than a day.")


def refused(
    code: str, message: str, fix: str = "Export the audio again, as WAV or FLAC."
) -> Refused:
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])


def size_of(file: BinaryIO) -> int:
    """The bytes in the file; it then stands at its beginning."""
    size = file.seek(0, 2)
    file.seek(0)
    return size
