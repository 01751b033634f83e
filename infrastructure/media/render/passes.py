"""Progress of work that reads its source more than once."""

from __future__ import annotations

from deadwax.application.media import Fraction


class Passes:
    """Tells `progress` of several passes as of one; it never goes back, also where there are
    more than `expected`."""

    def __init__(self, progress: Fraction, expected: int) -> None:
        self._progress, self._expected = progress, expected
        self._begun, self._told = 0, 0.0

    def next(self) -> Fraction:
        """For the next pass."""
        before = self._begun
        self._begun += 1

        def tell(fraction: float) -> None:
            done = (before + fraction) / max(self._expected, self._begun)
            self._told = max(self._told, done)
            self._progress(self._told)

        return tell
