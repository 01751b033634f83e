"""A whole installation that tests may break: servers, processes, a sandbox DSP."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, LiteralString
from uuid import UUID, uuid4

from tests.faults import album
from tests.faults.processes import Running

from deadwax.domain.addresses.local import FolderAddress, FolderPath
from deadwax.domain.addresses.parts import Host, SecretName
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.domain.cause import Cause, acting
from deadwax.domain.choreography import Choreography
from deadwax.domain.distribution import Distribution
from deadwax.domain.identifiers import Dpid, Sha256
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.target import Confirmation, ErnVersion, Mode, Party, TargetSettings
from deadwax.domain.tenant import Label, TenantKind
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.sandbox.arrivals import USUAL, Agreement
from deadwax.infrastructure.sandbox.dsp import SandboxDsp
from deadwax.infrastructure.settings import Settings
from deadwax.workers.broker import ADVANCE, open_broker, send

LABEL_DPID, DSP_DPID = "PADPIDA20261121011", "PADPIDA20261121020"
_PASSWORD = "a sandbox password"
BACKGROUND = ("dispatcher", "projector", "scheduler")


class Rig:
    """Processes are real and started by name; commands run in this process."""

    def __init__(self, home: Path, database_url: str, redis_url: str, schemas: Path) -> None:
        self.home = home
        self.deliveries = home / "deliveries"
        self.deliveries.mkdir()
        self.environ = {
            **os.environ,
            "DEADWAX_HOME": str(home),
            "DEADWAX_DATABASE_URL": database_url,
            "DEADWAX_REDIS_URL": redis_url,
            "DEADWAX_DDEX_SCHEMAS": str(schemas),
            "DEADWAX_DELIVERY_FOLDER": str(self.deliveries),
            "DEADWAX_LEASE_SECONDS": "2",
            "DEADWAX_POLL_SECONDS": "0.5",
            "DEADWAX_STALL_SECONDS": "2",
            "DEADWAX_RETRY_BASE_SECONDS": "0.2",
            "DEADWAX_RETRY_CAP_SECONDS": "0.5",
        }
        self.container = Container.open(Settings.from_env(self.environ), "test")
        self._schemas = schemas
        self._sandboxes: list[SandboxDsp] = []
        self.dsp = self._sandbox(USUAL)
        self._processes: list[Running] = []
        self.tenant_id = self._tenant()

    def close(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        for dsp in self._sandboxes:
            dsp.stop()
        self.container.close()

    def answer_in(self, version: str) -> None:
        """Have the sandbox acknowledge in that version of the choreography."""
        self.dsp.stop()
        self.dsp = self._sandbox(Agreement(acknowledgements=version))

    def keep_what_arrived(self) -> None:
        """Have the sandbox leave deliveries where they were uploaded."""
        self.dsp.stop()
        self.dsp = self._sandbox(USUAL, consume=False)

    def folder_dsp(self) -> tuple[SandboxDsp, TargetSettings]:
        """Another DSP, which takes in what is laid into a folder of this machine."""
        address = FolderAddress(path=FolderPath("upload"))
        settings = replace(self.settings(), protocol=Protocol.FOLDER, address=address)
        return self._sandbox(USUAL, self.deliveries / str(self.tenant_id)), settings

    def _sandbox(
        self, agreement: Agreement, root: Path | None = None, *, consume: bool = True
    ) -> SandboxDsp:
        dsp = SandboxDsp(
            root or self.home / "sandbox",
            dpid=DSP_DPID,
            username="label",
            password=_PASSWORD,
            schemas=self._schemas,
            agreement=agreement,
            consume=consume,
        )
        dsp.start()
        self._sandboxes.append(dsp)
        return dsp

    # -- processes

    def start(self, *names: str) -> list[Running]:
        return [self._spawn("deadwax.workers.cli", name) for name in names]

    def start_crashing(self, name: str, step: str, signal: str = "SIGKILL") -> Running:
        marker = self.home / f"crashed-{uuid4().hex}"
        return self._spawn("tests.faults.crashing_process", name, step, str(marker), signal)

    def start_poisoned(self, name: str, id: UUID) -> Running:
        """One that is killed each time that it begins to upload that distribution."""
        return self._spawn("tests.faults.crashing_process", name, f"poison {id}", "", "SIGKILL")

    def start_with_clock(self, file: Path, *names: str) -> None:
        """On machines whose clock is set to be wrong by so many seconds as `file` will say."""
        for name in names:
            self._spawn("tests.faults.wrong_clock", name, str(file))

    def _spawn(self, module: str, *arguments: str) -> Running:
        log = self.home / f"{arguments[0]}.log"
        process = Running(module, arguments, self.environ, log)
        self._processes.append(process)
        return process

    # -- what a label does

    def distribute(
        self, host: str | None = None, port: int | None = None, target: UUID | None = None
    ) -> UUID:
        """A new release to `target`, or to a new one that leads to the sandbox or to a proxy
        before it."""
        with self.acting():
            release, _ = self.container.releases.draft(self.metadata())
            self.container.releases.submit(release.id, None)
            to = target or self.open_target(self.settings(host, port))
            wanted, _ = self.container.distributions.distribute(release.id, [to], None)
            return wanted[0].id

    def open_target(self, settings: TargetSettings) -> UUID:
        with self.acting():
            return self.container.targets.open(settings)[0].id

    def target_that(self, **choreography: Any) -> UUID:
        """A new target that leads to the sandbox, with this choreography."""
        settings = self.settings()
        return self.open_target(replace(settings, choreography=Choreography(**choreography)))

    def take_down(self, id: UUID) -> None:
        with self.acting():
            self.container.distributions.take_down(id, "test")

    def acting(self) -> Any:
        return acting(Cause(self.tenant_id, "key:test", uuid4().hex))

    def wake(self, id: UUID) -> None:
        """One more message for a worker, as a duplicate would be."""
        broker = open_broker(self.environ["DEADWAX_REDIS_URL"])
        send(broker, ADVANCE, id)
        broker.close()

    # -- what came of it

    def distribution(self, id: UUID) -> Distribution:
        found = self.container.catalogue.find(Distribution, id)
        assert found is not None
        return found

    def wait_for(self, id: UUID, status: str, seconds: float = 60) -> Distribution:
        def there() -> bool:
            return self.distribution(id).status == status

        try:
            self.wait_until(there, f"{id} is {status}", seconds)
        except AssertionError as late:
            late.add_note("\n".join(f"{e.timestamp} {e}" for e in self.events(id)))
            raise
        return self.distribution(id)

    def wait_until(self, there: Callable[[], bool], what: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while not there():
            if time.monotonic() > deadline:
                raise AssertionError(f"not within {seconds} s: {what}\n{self.evidence()}")
            time.sleep(0.05)

    def events(self, id: UUID) -> list[Any]:
        return list(self.container.log.load(id))

    def topics(self, id: UUID) -> list[str]:
        return [event.TOPIC for event in self.events(id)]

    def wait_for_position(self) -> None:
        """Until the dispatcher has seen all that is in the log."""
        query = "SELECT (SELECT max(position) FROM events) = (SELECT position FROM dispatched)"
        self.wait_until(lambda: bool(self._one(query)), "the dispatcher has caught up")

    def unread_files(self) -> int:
        folder = Path(self.dsp.describe()["upload"]) / "acknowledgements"
        return len(list(folder.glob("*.xml"))) - int(self._one("SELECT count(*) FROM inbox") or 0)

    def _one(self, query: LiteralString) -> Any:
        with self.container.pool.connection() as connection:
            row = connection.execute(query).fetchone()
        return row and row[0]

    def journal(self, *events: str, of: SandboxDsp | None = None) -> list[dict[str, Any]]:
        journal = Path((of or self.dsp).describe()["journal"])
        lines = journal.read_text().splitlines() if journal.exists() else []
        return [entry for line in lines if (entry := json.loads(line))["event"] in events]

    def evidence(self) -> str:
        """What a failed test shows: the end of every log."""
        logs = sorted(self.home.glob("*.log"))
        return "\n".join(f"== {log.name}\n{log.read_text()[-1500:]}" for log in logs)

    # -- what it is made of

    def _tenant(self) -> UUID:
        with acting(Cause(UUID(int=0), "key:operator", "setup")):
            name = Name("Run-out Records")
            tenant, _, _ = self.container.tenants.register(name, TenantKind.LABEL, review=False)
        self.tenant_id = tenant.id
        with self.acting():
            self.container.tenants.add_label(Label(name=name, dpid=Dpid(LABEL_DPID)))
            self._audio = [self._upload(album.audio(self.home, n)) for n in (1, 2)]
            self._cover = self._upload(album.jpeg(self.home))
        self.container.secrets.put(tenant.id, "sandbox", _PASSWORD)
        return tenant.id

    def _upload(self, path: Path) -> Sha256:
        facts, _ = self.container.assets.ingest([path.read_bytes()], path.name, None)
        return Sha256(facts.sha256)

    def settings(self, host: str | None = None, port: int | None = None) -> TargetSettings:
        address = SftpAddress(
            host=Host(host or self.dsp.host),
            port=port or self.dsp.port,
            username=Name("label"),
            secret=SecretName("sandbox"),
            host_key=HostKey(self.dsp.fingerprint),
        )
        return TargetSettings(
            platform=Name("Sandbox"),
            mode=Mode.TEST,
            protocol=Protocol.SFTP,
            address=address,
            sender=Party(dpid=Dpid(LABEL_DPID), name=Name("Run-out Records")),
            recipient=Party(dpid=Dpid(DSP_DPID), name=Name("Sandbox")),
            ern=ErnVersion.V43,
            confirmation=Confirmation.DDEX_ACKNOWLEDGEMENT,
        )

    def metadata(self) -> ReleaseMetadata:
        return album.metadata(self._audio, self._cover)
