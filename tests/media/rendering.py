"""Renditions made in a test, and read again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from tests.media.signals import Signal, integers

from deadwax.application.media import Rendered
from deadwax.domain.media.recipes import AudioRecipe
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.render.audio import render


def rendered(source: Path, recipe: AudioRecipe, cover: Path | None = None) -> tuple[Rendered, Path]:
    out = source.with_name(f"{source.stem}.rendition")
    return render(str(source), recipe, str(out), cover=str(cover) if cover else None), out


def wav(path: Path, signal: Signal, rate: int, bits: int | None = 24) -> Path:
    """`bits` None: 32 bit float."""
    if bits is None:
        soundfile.write(path, signal, rate, subtype="FLOAT", format="WAV")
    else:
        subtype = f"PCM_{bits}"
        soundfile.write(path, integers(signal, bits), rate, subtype=subtype, format="WAV")
    return path


def samples(path: Path) -> NDArray[Any]:
    with open_audio(str(path)) as audio:
        return np.concatenate([block.copy() for block in audio.blocks(1 << 16)])


def signal(path: Path) -> Signal:
    """Full scale at 1."""
    found = samples(path)
    if found.dtype.kind == "f":
        return found.astype(np.float64)
    return found / 2.0 ** (8 * found.dtype.itemsize - 1)


def words(path: Path, demuxer: str) -> dict[str, str]:
    """The tags as ffmpeg reads them, names in lower case; those of streams, too."""
    place = "0:s:0" if demuxer == "ogg" else "0:g"
    form = ["-map_metadata", place, "-fflags", "+bitexact", "-f", "ffmetadata", "pipe:1"]
    written = ffmpeg.run([*ffmpeg.source(str(path), demuxer), *form])
    found = {}
    for line in written.decode().splitlines():
        name, equals, value = line.partition("=")
        if equals:
            found[name.lower()] = value.replace("\\", "")
    return found
