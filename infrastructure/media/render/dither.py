"""Fewer bits without distortion: noise that makes the error independent of the signal."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.render.signal import Floats

_SEED = 0x0DEAD


class Quantiser:
    """To integers of `bits` bits, left-justified in int16 or int32, with triangular (TPDF) noise
    of two steps: its mean error is zero and the noise power 1/4 step squared, whatever the signal
    (Lipshitz, Wannamaker and Vanderkooy, JAES 40, 1992). The same samples give the same result.
    """

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._kind = np.dtype(np.int16 if bits <= 16 else np.int32)
        self._noise = np.random.Generator(np.random.SFC64(_SEED))

    def __call__(self, block: Floats) -> NDArray[Any]:
        steps = 2.0 ** (self._bits - 1)
        value = block * steps
        value += self._noise.random(block.shape, dtype=np.float32)
        value -= self._noise.random(block.shape, dtype=np.float32)
        np.rint(value, out=value)
        np.clip(value, -steps, steps - 1, out=value)
        shift = 8 * self._kind.itemsize - self._bits
        return value.astype(self._kind) << shift if shift else value.astype(self._kind)
