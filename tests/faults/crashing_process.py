"""One of our processes that signals itself at one step, the first time it gets there.

    crashing_process PROCESS STEP MARKER SIGNAL

STEP is `saved <event topic>`, or one of those in `_COURIER_STEPS`. The file MARKER is made
just before, so that it happens once.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from deadwax.infrastructure.couriers.sftp import SftpCourier
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.workers import cli

_COURIER_STEPS = (
    "before the first upload",
    "in the middle of a file",
    "after the resources",
    "before the manifest is published",
    "after the manifest is published",
)


def main() -> None:
    process, step = sys.argv[1:3]
    marker, number = Path(sys.argv[3]), signal.Signals[sys.argv[4]]

    def reached(here: str) -> None:
        if here == step and not marker.exists():
            marker.touch()
            os.kill(os.getpid(), number)

    append, upload, publish = PostgresEventLog.append, SftpCourier.upload, SftpCourier.publish

    def watched_append(self: Any, events: Any) -> int:
        position = append(self, events)
        for event in events:
            reached(f"saved {event.TOPIC}")
        return position

    def watched_upload(self: Any, file: Any, *, keep_going: Any, progress: Any) -> None:
        def watched_progress(count: int) -> None:
            progress(count)
            reached("in the middle of a file")

        reached("before the first upload")
        upload(self, file, keep_going=keep_going, progress=watched_progress)

    def watched_publish(self: Any, path: str) -> None:
        manifest = "BatchComplete_" in path
        if not manifest:
            reached("after the resources")
        else:
            reached("before the manifest is published")
        publish(self, path)
        if manifest:
            reached("after the manifest is published")

    PostgresEventLog.append = watched_append  # type: ignore[method-assign]
    SftpCourier.upload = watched_upload  # type: ignore[method-assign]
    SftpCourier.publish = watched_publish  # type: ignore[method-assign]
    cli.app([process])
