"""FLAC and plain WAV by libsndfile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import soundfile
from numpy.typing import NDArray

from deadwax.application.media import Fraction
from deadwax.domain.media.recipes import AudioFormat
from deadwax.infrastructure.media.audio.pcm_hash import PcmHash
from deadwax.infrastructure.media.audio.reading import Reading, open_audio
from deadwax.infrastructure.media.render.plan import Plan, refused

ENCODER = f"libsndfile {soundfile.__libsndfile_version__}"
BLOCK = 1 << 16
"""Frames at a time."""
_FLAC_LEVEL = 5 / 8
"""libFLAC's own default: beyond it half as much time again wins less than 0.4 % of the bytes."""
_LARGEST_WAV = 0xFFFFFFFF - 4096


class Samples:
    """Which samples passed: how many frames, and their hash, which is reckoned in a thread of its
    own while the next block is written or read."""

    def __init__(self, bits: int, thread: ThreadPoolExecutor) -> None:
        self._hash, self._thread = PcmHash(bits), thread
        self._hashing: Future[None] | None = None
        self._frames = 0

    def add(self, samples: NDArray[Any]) -> None:
        """The array may not be changed afterwards."""
        if self._hashing:
            self._hashing.result()
        self._hashing = self._thread.submit(self._hash.add, samples)
        self._frames += len(samples)

    def identity(self) -> tuple[int, str]:
        if self._hashing:
            self._hashing.result()
        return self._frames, self._hash.hexdigest()


class LosslessWriter:
    """Writes left-justified integers."""

    def __init__(self, file: soundfile.SoundFile, samples: Samples) -> None:
        self._file, self._samples = file, samples

    def write(self, samples: NDArray[Any]) -> None:
        self._samples.add(samples)
        self._file.write(samples)

    def written(self) -> tuple[int, str]:
        return self._samples.identity()


@contextmanager
def writing(out: str, plan: Plan) -> Iterator[LosslessWriter]:
    """A new file."""
    assert plan.bits is not None
    flac = plan.recipe.format is AudioFormat.FLAC
    size = (plan.frames or 0) * plan.channels * plan.bits // 8
    wav = "RF64" if size > _LARGEST_WAV else "WAV"
    with (
        ThreadPoolExecutor(1, "pcm-hash") as thread,
        soundfile.SoundFile(
            out,
            "w",
            plan.sampling_rate,
            plan.channels,
            f"PCM_{plan.bits}",
            format="FLAC" if flac else wav,
            compression_level=_FLAC_LEVEL if flac else None,
        ) as file,
    ):
        yield LosslessWriter(file, Samples(plan.bits, thread))


def prove(out: str, plan: Plan, written: tuple[int, str], progress: Fraction) -> None:
    """Read the file again: it must hold the samples that were given to it. Refused if not."""
    assert plan.bits is not None
    with ThreadPoolExecutor(1, "pcm-hash") as thread, open_audio(out) as made:
        found = Samples(plan.bits, thread)
        for block in whole(made, progress):
            found.add(block)
        if found.identity() != written:
            raise refused(
                "rendition_not_exact",
                "Its samples, read again, are not those that were written.",
                "Try again; if that fails too, storage or memory of this machine is at fault.",
            )


def whole(source: Reading, progress: Fraction) -> Iterator[NDArray[Any]]:
    """The blocks of a source to its end. Refused where it cannot be decoded as a whole."""
    done = 0
    for block in source.blocks(BLOCK):
        yield block
        done += len(block)
        if source.frames:
            progress(min(1.0, done / source.frames))
    if source.faults:
        raise refused(
            "rendition_source_damaged",
            f"The source is damaged: {source.faults[0].message}",
            "Export the master again and upload that.",
        )
