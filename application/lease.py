"""Holding the leases of an attempt while it runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from uuid import UUID

from deadwax.application.errors import Stopped
from deadwax.application.ports import Leases


class HeldLease:
    """The leases of the distributions that are delivered together, by their fencing tokens.

    Beats every third of the lease. `held()` turns False when no beat got through for a
    whole lease, counted from before the last good beat was sent: by then, and not sooner,
    another worker may have taken over."""

    def __init__(self, leases: Leases, tokens: Mapping[UUID, int], seconds: float) -> None:
        self._leases, self._tokens, self._seconds = leases, tokens, seconds
        self._until = time.monotonic() + seconds
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._leases.release(self._tokens)

    def held(self) -> bool:
        return time.monotonic() < self._until

    def require(self) -> None:
        """Raises Stopped unless the lease is held for another tenth of its length."""
        if time.monotonic() > self._until - self._seconds / 10:
            raise Stopped("The lease ran out.")

    def _beat(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            before = time.monotonic()
            if self._leases.beat(self._tokens, self._seconds):
                self._until = before + self._seconds
