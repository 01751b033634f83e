"""A label and a platform that agreed on a choreography: everything real, and step by step."""

from __future__ import annotations

import json
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.faults.rig import DSP_DPID, Rig
from tests.projecting import projecting

from deadwax.domain.choreography import Choreography
from deadwax.domain.distribution import Distribution
from deadwax.domain.identifiers import Grid
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.states import Status
from deadwax.domain.target import TargetSettings
from deadwax.infrastructure.sandbox.arrivals import Agreement
from deadwax.infrastructure.sandbox.dsp import SandboxDsp

_TO_DO = (
    *(Status.CREATED, Status.VALIDATING, Status.QUEUED, Status.UPDATING),
    *(Status.TAKEDOWN_REQUESTED, Status.PURGE_REQUESTED),
)


class Office(Rig):
    """No process beside the test's own: it takes each step itself, so nothing is waited for but
    the platform and the read models."""

    def __init__(
        self,
        home: Path,
        database_url: str,
        redis_url: str,
        schemas: Path,
        choreography: Choreography,
        agreement: Agreement,
        senders: frozenset[str] | None = None,
    ) -> None:
        self.choreography = choreography
        self.grid: Grid | None = None
        super().__init__(home, database_url, redis_url, schemas)
        self.dsp.stop()
        self.dsp = SandboxDsp(
            home / "platform",
            dpid=DSP_DPID,
            username="label",
            password="a sandbox password",
            schemas=schemas,
            senders=senders,
            agreement=agreement,
        )
        self.dsp.start()
        self._projecting = ExitStack()
        self._projecting.enter_context(projecting(database_url))

    def close(self) -> None:
        self._projecting.close()
        super().close()

    def settings(self, host: str | None, port: int | None) -> TargetSettings:
        return replace(super().settings(host, port), choreography=self.choreography)

    def metadata(self) -> ReleaseMetadata:
        return replace(super().metadata(), grid=self.grid)

    def advance(self, id: UUID, until: Status) -> None:
        """One step after the other until it stands there."""
        while self.distribution(id).status is not until:
            self.container.deliveries.advance(id, lambda: True)

    def work(self, id: UUID) -> Distribution:
        """Everything that is to be done for it now."""
        while self.distribution(id).status in _TO_DO:
            self.container.deliveries.advance(id, lambda: True)
        return self.distribution(id)

    def poll(self, id: UUID) -> Distribution:
        """Read what the platform has answered until now."""
        self.container.follow_up.poll(self.distribution(id).target_id)
        return self.distribution(id)

    def answered(self, id: UUID, status: Status) -> Distribution:
        self.wait_until(lambda: self.poll(id).status is status, f"{id} is {status}", 20)
        return self.distribution(id)

    def archived(self) -> list[str]:
        """What the platform took away, below its archive."""
        folder = self.dsp.folders.archive
        return sorted(str(f.relative_to(folder)) for f in folder.rglob("*") if f.is_file())

    def journal(self, *events: str) -> list[dict[str, Any]]:
        lines = self.dsp.folders.journal.read_text().splitlines()
        return [entry for line in lines if (entry := json.loads(line))["event"] in events]

    def answer(self, name: str, xml: str) -> None:
        """What the platform says, beside what the sandbox says of itself."""
        self.dsp.folders.acknowledge(name, xml.encode())
