"""One of our processes that signals itself at one step, the first time it gets there.

    crashing_process PROCESS STEP MARKER SIGNAL

STEP is `saved <event topic>`, or one of STEPS. The file MARKER is made just before, so that it
happens once. With `poison <distribution>` it happens each time that one begins to upload.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

from deadwax.application.analyses import Analyses
from deadwax.application.receipts import Receipts
from deadwax.application.reconcile import Reconciler
from deadwax.application.renditions import Renditions
from deadwax.domain.distribution_attempts import Delivering
from deadwax.infrastructure.couriers.sftp import SftpCourier
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.infrastructure.gate import RedisGate
from deadwax.infrastructure.operations import PostgresLeases
from deadwax.workers import cli


def _manifest(path: str) -> bool:
    return "BatchComplete_" in path


def _any(*_: Any) -> bool:
    return True


@dataclass(frozen=True)
class Step:
    """A call of `method`: before it, after it, or at its first progress; `of` chooses by its first
    argument."""

    owner: type[Any]
    method: str
    when: str
    of: Callable[[Any], bool] = _any


STEPS = {
    "before a place is taken": Step(RedisGate, "enter", "before"),
    "after a place is taken": Step(RedisGate, "enter", "after"),
    "after a message is composed": Step(Delivering, "compose", "after"),
    "before the first upload": Step(SftpCourier, "upload", "before"),
    "in the middle of a file": Step(SftpCourier, "upload", "within"),
    "after the first upload": Step(SftpCourier, "upload", "after"),
    "after the resources": Step(SftpCourier, "publish", "before"),
    "after a file is shown": Step(SftpCourier, "publish", "after", lambda p: not _manifest(p)),
    "while files are compared": Step(SftpCourier, "verify", "after"),
    "after the manifest is uploaded": Step(
        SftpCourier, "upload", "after", lambda file: _manifest(file.path)
    ),
    "before the manifest is published": Step(SftpCourier, "publish", "before", _manifest),
    "after the manifest is published": Step(SftpCourier, "publish", "after", _manifest),
    "before the receipt is kept": Step(Receipts, "give", "before"),
    "after the receipt is kept": Step(Receipts, "give", "after"),
    "before the lease is released": Step(PostgresLeases, "release", "before"),
    "after the lease is released": Step(PostgresLeases, "release", "after"),
    "before the place is given back": Step(RedisGate, "leave", "before"),
    "after a leftover is removed": Step(SftpCourier, "remove", "after"),
    "before an analysis is noted": Step(Analyses, "note", "before"),
    "in the middle of a rendition": Step(Renditions, "make", "within"),
    "before an outcome is looked for": Step(Reconciler, "reconcile", "before"),
    "after an outcome is found": Step(Reconciler, "_found", "after"),
}


def main() -> None:
    process, step = sys.argv[1:3]
    marker, number = Path(sys.argv[3]), signal.Signals[sys.argv[4]]

    def reached() -> None:
        if not marker.exists():
            marker.touch()
            os.kill(os.getpid(), number)
            time.sleep(1)  # another thread takes the signal: this one would run on until then

    if step.startswith("poison "):
        _watch_poison(step.removeprefix("poison "), number)
    elif step.startswith("saved "):
        _watch_log(step.removeprefix("saved "), reached)
    else:
        _watch(STEPS[step], reached)
    cli.app([process])


def _watch(step: Step, reached: Callable[[], None]) -> None:
    method = getattr(step.owner, step.method)

    @wraps(method)
    def watched(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not step.of(args[0]):
            return method(self, *args, **kwargs)
        if step.when == "before":
            reached()
        if step.when == "within":
            progress = kwargs["progress"]

            def watched_progress(count: int) -> None:
                progress(count)
                reached()

            kwargs["progress"] = watched_progress
        result = method(self, *args, **kwargs)
        if step.when == "after":
            reached()
        return result

    setattr(step.owner, step.method, watched)


def _watch_log(topic: str, reached: Callable[[], None]) -> None:
    append = PostgresEventLog.append

    def watched(self: Any, events: Any) -> int:
        position = append(self, events)
        if any(topic == event.TOPIC for event in events):
            reached()
        return position

    PostgresEventLog.append = watched  # type: ignore[method-assign]


def _watch_poison(id: str, number: signal.Signals) -> None:
    start_upload = Delivering.start_upload

    def watched(self: Any, *args: Any, **kwargs: Any) -> None:
        if str(self.id) == id:
            os.kill(os.getpid(), number)
        start_upload(self, *args, **kwargs)

    Delivering.start_upload = watched  # type: ignore[method-assign]
