"""What the use cases need of media tools; all of it runs in processes that may die."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from deadwax.domain.assets import Facts
from deadwax.domain.media.measured import Analysis
from deadwax.domain.media.recipes import Recipe

Fraction = Callable[[float], None]
"""Is told how much is done, 0 to 1; raises to stop the work."""


DECODER_DIED = "media_decoder_died"
"""The code of Refused where every process that read a file died, of several."""


class Picture(StrEnum):
    """What people look at: of audio only."""

    WAVEFORM_JSON = "waveform.json"
    WAVEFORM_PNG = "waveform.png"
    SPECTROGRAM_PNG = "spectrogram.png"
    LOUDNESS_JSON = "loudness.json"
    LOUDNESS_PNG = "loudness.png"


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What was made: its facts read from its own bytes, by whom, and whether it was proven that
    no sample differs from the source's. `gain_db` is by how much the level was changed,
    `held_by_peak` whether that is less than was asked for, as the true peak allowed no more."""

    facts: Facts
    encoder: str
    same_samples: bool
    gain_db: float = 0.0
    held_by_peak: bool = False


class MediaTools(Protocol):
    """Every call runs in a process with limits of its own. Where that dies, takes too long or too
    much memory, or the file is no media of a known kind, domain.errors.Refused says so, with a
    stable code. `path` is a local file; `filename` what the label calls it."""

    def recognise(self, path: str, filename: str) -> Facts:
        """What the file is, by its bytes: quick, by its headers."""
        ...

    def analyse(self, path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
        """Read it to its end and measure it."""
        ...

    def render(
        self, path: str, recipe: Recipe, out: str, progress: Fraction, cover: str | None = None
    ) -> Rendered:
        """Write it in another form to `out`, a path where nothing stands yet; `cover` is the path
        of the JPEG to embed in audio. Refused where the recipe is not for such a file."""
        ...

    def picture(self, path: str, picture: Picture) -> bytes:
        """Refused for what is no audio."""
        ...
