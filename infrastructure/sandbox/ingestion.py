"""Takes complete batches out of the upload folder, publishes or refuses, and acknowledges."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import PurePosixPath

from deadwax.infrastructure.sandbox import acknowledgements
from deadwax.infrastructure.sandbox.checking import Checker
from deadwax.infrastructure.sandbox.examination import Batch, Examination, now, stamp
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.journal import Journal, Record

_BATCH = re.compile(r"[PNM]_([0-9]{17})")


class Ingestion:
    """One pass after the other over the upload folder. A crash between any two lines is made
    good by the next pass.

    With `consume` a batch folder is taken away once it is recorded; without, it stays and is
    not looked at again.
    """

    def __init__(
        self, folders: Folders, checker: Checker, consume: bool, live_after: timedelta
    ) -> None:
        self._folders = folders
        self._checker = checker
        self._consume = consume
        self._journal = Journal(folders.journal)
        self._examination = Examination(folders, checker, self._journal, live_after)
        self._settle()

    def _settle(self) -> None:
        """Record what a crash left unsaid: batches taken away whose record does not say so."""
        for name in list(self._journal.unconsumed):
            if not (self._folders.upload / name).exists():
                self._consumed(name)

    def run_once(self) -> None:
        for batch in self._complete_batches():
            known = self._journal.unconsumed if self._consume else self._journal.batches
            if batch.name not in known:
                self._journal.append(self._examination.of(batch))
            if self._consume:
                event = self._journal.unconsumed[batch.name]
                self._folders.consume(batch.folder, rejected=event == "rejected")
                self._consumed(batch.name)
        for message, step in self._journal.due_steps(stamp(now())):
            self._take(message, step)

    def _complete_batches(self) -> list[Batch]:
        found = []
        for folder in self._folders.upload.iterdir():
            match = _BATCH.fullmatch(folder.name)
            if match and (batch := Batch(folder, match[1])).manifest.is_file():
                found.append(batch)
        return sorted(found, key=lambda batch: batch.id)

    def _consumed(self, name: str) -> None:
        self._journal.append({"event": "consumed", "at": stamp(now()), "batch": name})

    def _take(self, message: Record, step: Record) -> None:
        if step["event"] == "published":
            self._folders.publish(step["staged"], message["icpn"])
        elif step["event"] == "removed":
            xml = PurePosixPath(message["url"]).name
            self._folders.remove(step["staged"], xml, message["icpn"])
        self._folders.acknowledge(
            step["name"], acknowledgements.build(self._checker.dpid, message, step)
        )
        self._journal.append(
            {
                "event": step["event"],
                "at": stamp(now()),
                "name": step["name"],
                "status": step["status"],
                "message_id": message["message_id"],
                "icpn": message["icpn"],
            }
        )
