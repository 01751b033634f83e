"""A DSP's ingestion without its server, pass by pass, and what can be seen of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from lxml import etree
from tests.sandbox.packages import DSP, Package

from deadwax.infrastructure.sandbox.arrivals import USUAL, Agreement
from deadwax.infrastructure.sandbox.checking import Checker
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.ingestion import Ingestion

INGESTED = "SuccessfullyIngestedByReleaseDistributor"
AVAILABLE = "ReleaseMadeAvailableToConsumers"
NOT_AVAILABLE = "ReleaseNotAvailable"
REFUSED = "ProcessingErrorAtReleaseDistributor"


@dataclass(frozen=True)
class Acknowledged:
    """What one acknowledgement file says, in the order of their names' times."""

    message_id: str
    release_status: str
    statuses: tuple[str, ...]
    action: str
    error_text: str


class House:
    def __init__(
        self,
        root: Path,
        schemas: Path | None = None,
        *,
        senders: frozenset[str] | None = None,
        consume: bool = True,
        live_after: float = 0.0,
        agreement: Agreement = USUAL,
    ) -> None:
        self.folders = Folders(root)
        self.folders.create()
        self._make = lambda: Ingestion(
            self.folders,
            Checker(DSP, senders, schemas, agreement.checksums),
            consume,
            timedelta(seconds=live_after),
            agreement,
        )
        self._ingestion = self._make()

    def restart(self) -> None:
        self._ingestion = self._make()

    def run(self) -> None:
        self._ingestion.run_once()

    def receive(self, package: Package) -> None:
        package.write(self.folders.upload)
        self.run()

    def journal(self, *events: str) -> list[dict[str, Any]]:
        lines = (
            self.folders.journal.read_text().splitlines() if self.folders.journal.exists() else []
        )
        return [record for line in lines if (record := json.loads(line))["event"] in events]

    def acknowledgements(self) -> list[Acknowledged]:
        files = sorted(
            self.folders.acknowledgements.iterdir(), key=lambda path: path.stem.rsplit("_", 1)[1]
        )
        return [_read(path) for path in files]

    def statuses(self) -> list[str]:
        return [found.release_status for found in self.acknowledgements()]

    def live(self) -> list[str]:
        return sorted(path.name for path in self.folders.live.iterdir())


def _read(path: Path) -> Acknowledged:
    root = etree.parse(path).getroot()
    about = "ReleaseStatus/Acknowledgement/"
    return Acknowledged(
        message_id=root.findtext(about + "MessageId") or "",
        release_status=root.findtext("ReleaseStatus/ReleaseStatus") or "",
        statuses=tuple(e.text or "" for e in root.iterfind(about + "MessageStatus/Status")),
        action=root.findtext("ReleaseStatus/ProposedActionType") or "",
        error_text=root.findtext("ReleaseStatus/ErrorText") or "",
    )
