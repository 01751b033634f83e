"""Recordings and covers that nothing keeps from being submitted, made once and small."""

from __future__ import annotations

import hashlib
import io
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from deadwax.application.media import Fraction, Picture, Rendered
from deadwax.domain.assets import Facts
from deadwax.domain.media.measured import Analysis
from deadwax.domain.media.recipes import Recipe
from deadwax.infrastructure.media.workbench import Workbench

SECONDS = 31


@cache
def recording(
    seed: int = 1,
    seconds: float = SECONDS,
    *,
    format: str = "FLAC",
    channels: int = 2,
    rate: int = 44_100,
    bits: int = 16,
) -> bytes:
    """Noise in coarse steps, which FLAC makes small."""
    steps = np.random.default_rng(seed).integers(-1, 2, (round(seconds * rate), channels))
    samples = (steps << 25).astype(np.int32)
    if bits == 24:
        samples += 1 << 8  # or the lower bits would be empty
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format=format, subtype=f"PCM_{bits}")
    return file.getvalue()


@cache
def cover(seed: int = 1, *, format: str = "PNG", side: int = 3000) -> bytes:
    """Of one colour."""
    file = io.BytesIO()
    picture = Image.new("RGB", (side, side), (200, 60, seed % 256))
    picture.save(file, format, dpi=(300, 300), compress_level=1)
    return file.getvalue()


class Remembering:
    """application.media.MediaTools that measures the same bytes once."""

    def __init__(self, tools: Workbench) -> None:
        self._tools = tools
        self._analyses: dict[tuple[str, str], Analysis] = {}

    def recognise(self, path: str, filename: str) -> Facts:
        return self._tools.recognise(path, filename)

    def analyse(self, path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
        key = hashlib.sha256(Path(path).read_bytes()).hexdigest(), filename
        if key not in self._analyses:
            self._analyses[key] = self._tools.analyse(path, filename, facts, progress)
        return self._analyses[key]

    def render(
        self, path: str, recipe: Recipe, out: str, progress: Fraction, cover: str | None = None
    ) -> Rendered:
        return self._tools.render(path, recipe, out, progress, cover)

    def picture(self, path: str, picture: Picture) -> bytes:
        return self._tools.picture(path, picture)

    def close(self) -> None:
        """They are everybody's."""
