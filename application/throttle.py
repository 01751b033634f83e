"""No faster than a target's cap, over all connections of a delivery together."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from typing import BinaryIO

from deadwax.application.errors import Stopped

_BURST_SECONDS = 0.25
_SHORTEST_SLEEP, _LONGEST_SLEEP = 0.001, 0.1


class Throttle:
    """A token bucket: what was sent is spent, also beyond what is there, and reading waits until
    that is made up for. `now` and `sleep` are those of the time module."""

    def __init__(
        self,
        bytes_per_second: float,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate, self._now, self._sleep = bytes_per_second, now, sleep
        self._level, self._at = 0.0, now()
        self._lock = threading.Lock()

    def spent(self, count: int) -> None:
        with self._lock:
            self._refill()
            self._level -= count

    def wait(self, go_on: Callable[[], bool]) -> None:
        """Until nothing worth a sleep is owed. Raises Stopped when `go_on` says no."""
        while (owed := self._owed()) > _SHORTEST_SLEEP:
            if not go_on():
                raise Stopped("The upload was stopped between two blocks.")
            self._sleep(min(_LONGEST_SLEEP, owed))

    def _owed(self) -> float:
        """Seconds."""
        with self._lock:
            self._refill()
            return -self._level / self._rate

    def _refill(self) -> None:
        now = self._now()
        gained = (now - self._at) * self._rate
        self._level = min(self._level + gained, self._rate * _BURST_SECONDS)
        self._at = now


class PacedFile(io.BufferedIOBase):
    """A file whose reads wait for the throttle; a read is as long as it is asked for, since
    couriers cut files into blocks and parts of given sizes."""

    def __init__(self, file: BinaryIO, throttle: Throttle, go_on: Callable[[], bool]) -> None:
        self._file, self._throttle, self._go_on = file, throttle, go_on

    def read(self, size: int | None = -1, /) -> bytes:
        self._throttle.wait(self._go_on)
        return self._file.read(-1 if size is None else size)

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()
