"""How far a delivery is, said once a second while it runs."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self
from uuid import UUID

from deadwax.application.ports import Progress, Snapshot

File = dict[str, Any]

_EVERY_SECONDS = 1.0
_RATE_OVER = 10
"""What the rate is taken over: so many seconds."""


class Meter:
    """Counts for all connections of a delivery. What takes less than a second shows nothing."""

    def __init__(
        self,
        progress: Progress,
        tokens: Mapping[UUID, int],
        route: str,
        files: Sequence[File],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._progress, self._tokens, self._route, self._now = progress, tokens, route, now
        self._total, self._files = sum(file["size"] for file in files), len(files)
        self._sent: Counter[str] = Counter()
        self._done: dict[str, int] = {}
        self._file = ""
        self._lock = threading.Lock()
        self._moments: deque[tuple[float, int]] = deque([(now(), 0)], maxlen=_RATE_OVER)
        self._shown = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown:
            self._progress.forget(self._tokens)

    def began(self, file: File) -> None:
        self._file = file["path"]

    def sent(self, file: File, count: int) -> None:
        with self._lock:
            self._sent[file["path"]] += count
            snapshot = self._due()
        if snapshot is not None:
            self._shown = True
            self._progress.show(self._tokens, snapshot)

    def finished(self, file: File) -> None:
        with self._lock:
            self._done[file["path"]] = file["size"]

    @property
    def by_path(self) -> Mapping[str, int]:
        """Bytes newly sent."""
        return dict(self._sent)

    def _due(self) -> Snapshot | None:
        now, sent = self._now(), self._sent.total()
        if now - self._moments[-1][0] < _EVERY_SECONDS:
            return None
        then, sent_then = self._moments[0]
        self._moments.append((now, sent))
        rate = (sent - sent_then) / (now - then)
        under_way = sum(n for path, n in self._sent.items() if path not in self._done)
        done = min(self._total, sum(self._done.values()) + under_way)
        return Snapshot(
            route=self._route,
            file=self._file,
            files_done=len(self._done),
            files=self._files,
            bytes_done=done,
            bytes_total=self._total,
            bytes_sent=sent,
            rate=round(rate),
            seconds_left=round((self._total - done) / rate) if rate else None,
        )
