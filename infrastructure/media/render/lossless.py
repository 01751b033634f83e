"""FLAC and plain WAV by libsndfile."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

import soundfile
from numpy.typing import NDArray

from deadwax.application.media import Fraction
from deadwax.domain.media.recipes import AudioFormat
from deadwax.infrastructure.media.audio.pcm_hash import PcmHash
from deadwax.infrastructure.media.audio.reading import Reading, open_audio
from deadwax.infrastructure.media.render.plan import Plan, refused

ENCODER = soundfile.__libsndfile_version__
BLOCK = 1 << 16
"""Frames at a time."""
_FLAC_LEVEL = 5 / 8
"""libFLAC's own default: beyond it half as much time again wins less than 0.4 % of the bytes."""
_LARGEST_WAV = 0xFFFFFFFF - 4096


class LosslessWriter:
    """Writes left-justified integers and hashes them, each in a thread of its own: hashing costs
    no time where there is a second core."""

    def __init__(self, out: str, plan: Plan) -> None:
        assert plan.bits is not None
        self._hash = PcmHash(plan.bits)
        self._thread = ThreadPoolExecutor(1, "pcm-hash")
        self._frames = 0
        flac = plan.recipe.format is AudioFormat.FLAC
        size = (plan.frames or 0) * plan.channels * plan.bits // 8
        wav = "RF64" if size > _LARGEST_WAV else "WAV"
        self._file = soundfile.SoundFile(
            out,
            "w",
            plan.sampling_rate,
            plan.channels,
            f"PCM_{plan.bits}",
            format="FLAC" if flac else wav,
            compression_level=_FLAC_LEVEL if flac else None,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown()
        self._file.close()

    def write(self, samples: NDArray[Any]) -> None:
        hashed = self._thread.submit(self._hash.add, samples)
        self._file.write(samples)
        hashed.result()
        self._frames += len(samples)

    def written(self) -> tuple[int, str]:
        """Frames, and the hash of their samples."""
        return self._frames, self._hash.hexdigest()


def prove(out: str, plan: Plan, written: tuple[int, str], progress: Fraction) -> None:
    """Read the file again: it must hold the samples that were given to it. Refused if not."""
    assert plan.bits is not None
    found, frames = PcmHash(plan.bits), 0
    with open_audio(out) as made:
        for block in whole(made, progress):
            found.add(block)
            frames += len(block)
    if (frames, found.hexdigest()) != written:
        raise refused(
            "rendition_not_exact",
            "Its samples, read again, are not those that were written.",
            "Try again; if that fails too, the storage or memory of this machine is at fault.",
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
