"""Turns uploaded deliveries into published releases and acknowledgements."""

from __future__ import annotations

from datetime import timedelta
from pathlib import PurePosixPath

from deadwax.infrastructure.sandbox import acknowledgements
from deadwax.infrastructure.sandbox.arrivals import USUAL, Agreement, arrivals
from deadwax.infrastructure.sandbox.checking import Checker
from deadwax.infrastructure.sandbox.examination import Examination, now, stamp
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.journal import Journal, Record


class Ingestion:
    """One pass after the other over the upload folder. A crash between any two lines is made
    good by the next pass.

    With `consume` a folder is taken away once it is recorded; without, it stays and is not
    looked at again.
    """

    def __init__(
        self,
        folders: Folders,
        checker: Checker,
        consume: bool,
        live_after: timedelta,
        agreement: Agreement = USUAL,
    ) -> None:
        self._folders = folders
        self._checker = checker
        self._consume = consume
        self._agreement = agreement
        self._journal = Journal(folders.journal)
        self._examination = Examination(folders, checker, self._journal, live_after, agreement)
        self._settle()

    def _settle(self) -> None:
        """Record what a crash left unsaid: folders taken away whose record does not say so."""
        for name in list(self._journal.unconsumed):
            if not (self._folders.upload / name).exists():
                self._consumed(name)

    def run_once(self) -> None:
        for arrival in arrivals(self._folders.upload, self._agreement):
            known = self._journal.unconsumed if self._consume else self._journal.batches
            if arrival.name not in known:
                self._journal.append(self._examination.of(arrival))
            if self._consume:
                event = self._journal.unconsumed[arrival.name]
                self._folders.consume(arrival.folder, rejected=event == "rejected")
                self._consumed(arrival.name)
        for message, step in self._journal.due_steps(stamp(now())):
            self._take(message, step)

    def _consumed(self, name: str) -> None:
        self._journal.append({"event": "consumed", "at": stamp(now()), "batch": name})

    def _take(self, message: Record, step: Record) -> None:
        if step["event"] == "published":
            self._folders.publish(step["staged"], message["icpn"])
        elif step["event"] == "removed":
            xml = PurePosixPath(message["url"]).name
            self._folders.remove(step["staged"], xml, message["icpn"])
        if data := acknowledgements.build(self._checker.dpid, message, step):
            self._folders.acknowledge(step["name"], data)
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
