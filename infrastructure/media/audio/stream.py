"""Decoded audio, block by block: what readers give and meters take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[Any]
"""Of shape (frames, channels): int16 up to 16 bits, int32 above, both left-justified (full scale
is that of the type); float32 with full scale at 1 for lossy codecs and floating point."""

Planar = NDArray[np.float32]
"""Of shape (channels, frames), full scale at 1."""


class AudioStream(Protocol):
    """The samples of one file, from its first to its last. `bits` is the stated depth, None for
    lossy codecs and floating point; `frames` what the header states, None where it states nothing
    (the blocks may yield more or fewer: that is a fault of the file)."""

    @property
    def sampling_rate(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def bits(self) -> int | None: ...
    @property
    def frames(self) -> int | None: ...

    def blocks(self, frames: int) -> Iterator[Samples]:
        """Each of `frames` frames but the last. To be called once."""
        ...
