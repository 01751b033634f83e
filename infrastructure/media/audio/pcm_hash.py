"""The hash of the samples themselves, the same in every container, and how deep they are."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.stream import Samples


class PcmHash:
    """SHA-256 of the samples as interleaved little-endian signed integers of `bits` bits, rounded
    up to whole bytes."""

    def __init__(self, bits: int) -> None:
        self._bits = bits
        self._sha256 = hashlib.sha256()
        self._used = 0

    def add(self, samples: Samples) -> None:
        flat = np.ascontiguousarray(samples).reshape(-1)
        self._used |= int(np.bitwise_or.reduce(flat))
        self._sha256.update(packed(flat, self._bits).data)

    def hexdigest(self) -> str:
        return self._sha256.hexdigest()

    def effective_bits(self, width: int) -> int:
        """Those of the stated ones that are not always zero, from the highest; `width` is that of
        the integers."""
        used = self._used & ((1 << width) - 1)
        lowest = (used & -used).bit_length() - 1
        return min(width - lowest, self._bits) if used else 0


def packed(flat: Samples, bits: int) -> NDArray[np.uint8]:
    """The bytes of left-justified integers as right-justified ones of `bits` bits."""
    width, size = flat.dtype.itemsize, -(-bits // 8)
    whole = np.right_shift(flat, 8 * width - bits) if bits < 8 * width else flat
    if size == width:
        return whole.astype(f"<i{width}", copy=False).view(np.uint8)
    # Each word is written over the upper bytes of the one before, which is fast.
    found = np.empty(len(flat) * size + width - size, np.uint8)
    words = np.ndarray((len(flat),), f"<i{width}", found.data, 0, (size,))
    words[...] = whole
    return found[: len(flat) * size]
