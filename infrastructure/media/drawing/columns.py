"""Audio of any length as a bounded number of columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Columns:
    """What is added over time, in at most `most` columns (an even number): when these are full,
    each two become one, so that it need not be known how much will come. A column stands for
    `each` moments, and is the mean of those of them that were worth looking at."""

    def __init__(self, most: int, height: int) -> None:
        self.each = 1
        """How many moments make a column."""
        self._kept = np.zeros((most, height), np.float32)
        self._count = 0
        self._sum = np.zeros(height, np.float64)
        self._summed = 0
        self._passed = 0

    def add(self, values: NDArray[np.float32]) -> None:
        """The next moment."""
        self._sum += values
        self._summed += 1
        self.skip()

    def skip(self) -> None:
        """The next moment, unseen. Of the moments of a column one must be seen."""
        self._passed += 1
        if self._passed == self.each:
            self._close()

    def result(self) -> NDArray[np.float32]:
        """Of shape (columns, height)."""
        if self._summed and not self._count:
            self._close()
        return self._kept[: self._count]

    def _close(self) -> None:
        self._kept[self._count] = self._sum / self._summed
        self._sum[:] = 0.0
        self._summed = self._passed = 0
        self._count += 1
        if self._count == len(self._kept):
            self._count //= 2
            self._kept[: self._count] = (self._kept[::2] + self._kept[1::2]) / 2
            self.each *= 2
