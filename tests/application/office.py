"""Attempts on a target with two ways, each a real folder: messages of a few resources, a message
file and a manifest, and couriers that fail where a test wants them to."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from tests.application.test_batches import MemoryLog
from tests.domain.complete import COMPLETE

from deadwax.application.catalogue import Catalogue
from deadwax.application.deliver import Deliveries
from deadwax.application.errors import DeliveryFailed
from deadwax.application.patience import Patience
from deadwax.application.ports import OutgoingFile, Snapshot
from deadwax.application.receipts import Receipts
from deadwax.application.ways import Way
from deadwax.domain.addresses.local import FolderAddress, FolderPath
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.cause import current_cause
from deadwax.domain.choreography import Choreography, Gathering
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Dpid, Icpn, gtin_check_digit
from deadwax.domain.release import Release
from deadwax.domain.target import (
    Confirmation,
    DeliveryTarget,
    ErnVersion,
    Mode,
    Party,
    Route,
    TargetSettings,
)
from deadwax.domain.tenant import Tenant, TenantKind
from deadwax.domain.texts import Name
from deadwax.infrastructure.couriers.folder import FolderCourier
from deadwax.infrastructure.signing import FileSigner
from deadwax.infrastructure.storage.local import LocalAssets

DAY = 86_400
CUT = DeliveryFailed(FailureCategory.NETWORK_CONNECTIVITY, "The connection was lost.")

Step = Callable[[str], None]
"""Is told of a step before it is taken, such as `upload N_1/a.wav`; what it raises happens."""


class Composing:
    """Composes messages whose bytes are in the asset store."""

    def __init__(self, assets: LocalAssets, sizes: Sequence[int]) -> None:
        self._assets, self._sizes = assets, sizes
        self.stands, self.batches = True, 0

    def still_stand(self, members: Sequence[Distribution]) -> bool:
        together = sorted(d.id.hex for d in members)
        return self.stands and all(d.message and d.message["batch"] == together for d in members)

    def rehearse(self, d: Distribution) -> None: ...

    def draft(self, d: Distribution, now: object) -> Distribution:
        return d

    def lay_out(self, drafts: Sequence[Distribution]) -> list[dict[str, Any]]:
        if not drafts:
            return []
        self.batches, self.stands = self.batches + 1, True
        folder = f"N_{self.batches}"
        end = self._file(f"{folder}/BatchComplete.xml", "manifest", f"{folder} is whole".encode())
        return [
            {
                "id": f"{d.id.hex}.{d.token}",
                "kind": d.kind,
                "icpn": None,
                "batch_id": folder,
                "batch": sorted(d.id.hex for d in drafts),
                "files": [*self._own(f"{folder}/{d.id.hex}"), end],
            }
            for d in drafts
        ]

    def _own(self, folder: str) -> list[dict[str, Any]]:
        resources = [
            self._file(f"{folder}/resources/{n}.wav", "resource", bytes([n % 256]) * size)
            for n, size in enumerate(self._sizes)
        ]
        return [*resources, self._file(f"{folder}/message.xml", "message", folder.encode())]

    def _file(self, path: str, role: str, data: bytes) -> dict[str, Any]:
        stored = self._assets.put([data])
        return {"path": path, "role": role, "sha256": stored.sha256, "size": stored.size}


class Watched:
    """A courier that tells of its steps."""

    def __init__(self, courier: FolderCourier, step: Step) -> None:
        self._courier, self._step = courier, step
        self.can = courier.can

    def upload(self, file: OutgoingFile, *, keep_going: Any, progress: Any) -> None:
        self._step(f"upload {file.path}")
        self._courier.upload(file, keep_going=keep_going, progress=progress)

    def publish(self, path: str) -> None:
        self._step(f"publish {path}")
        self._courier.publish(path)

    def verify(self, file: OutgoingFile) -> str:
        self._step(f"verify {file.path}")
        return self._courier.verify(file)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._courier, name)


class Office:
    """What a worker is made of, with one target. `step` may be replaced by a test; `opened` are
    the connections that were made: the way's folder, and whether with fresh credentials."""

    def __init__(
        self,
        home: Path,
        policy: DeliveryPolicy | None = None,
        *,
        sizes: Sequence[int] = (3, 2),
        fallback: bool = True,
        gathering: Gathering | None = None,
    ) -> None:
        self.home, self.catalogue = home, Catalogue(MemoryLog())
        self.assets = LocalAssets(home / "assets")
        self.composing = Composing(self.assets, sizes)
        self.signer = FileSigner(home / "secrets")
        self.step: Step = lambda step: None
        self.down: set[str] = set()
        self.opened: list[tuple[str, bool]] = []
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.snapshots: list[Snapshot] = []
        self.waiting: list[UUID] = []
        for way in ("primary", "fallback"):
            (home / "top" / way).mkdir(parents=True)
        self.target_id = uuid4()
        settings = _settings(policy or DeliveryPolicy(), gathering)
        if fallback:
            way = FolderAddress(path=FolderPath("fallback"))
            settings = replace(settings, fallback=Route(protocol=Protocol.FOLDER, address=way))
        tenant = Tenant.register(
            current_cause().tenant_id, name="Label", kind=TenantKind.LABEL, review=False
        )
        self.catalogue.save(tenant, DeliveryTarget.open(self.target_id, settings))
        us: Any = self
        composing: Any = self.composing
        self.deliveries = Deliveries(
            self.catalogue,
            composing,
            self.assets,
            *[us] * 5,
            Receipts(self.assets, self.signer),
            Patience(DAY, 0, 0, DAY),
            "worker",
            lambda what, **fields: self.said.append((what, fields)),
        )

    # -- what a worker needs from outside

    def connect(self, tenant_id: UUID, way: Way, *, fresh: bool = False) -> Any:
        assert isinstance(way.address, FolderAddress)
        path = str(way.address.path)
        self.opened.append((path, fresh))
        if path in self.down:
            raise CUT
        return Watched(
            FolderCourier(self.home / "top", path, make=False), lambda step: self.step(step)
        )

    def beat(self, tokens: Mapping[UUID, int], seconds: float) -> bool:
        return True

    def release(self, tokens: Mapping[UUID, int]) -> None: ...

    def enter(self, target_id: UUID, holder: UUID, policy: object) -> None: ...

    def leave(self, *told: object) -> str:
        return "closed"

    def for_target(self, target_id: UUID, most: int) -> list[UUID]:
        return self.waiting[:most]

    def show(self, tokens: Mapping[UUID, int], snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def forget(self, tokens: Mapping[UUID, int]) -> None: ...

    # -- what tests do

    def queued(self) -> UUID:
        body = f"590123{len(self.waiting) + 1:06}"
        icpn = Icpn(body + gtin_check_digit(body))
        release = Release.draft(uuid4(), replace(COMPLETE, icpn=icpn))
        d = Distribution.request(release.id, self.target_id, "test", None)
        d.start_validation()
        d.pass_validation(d.created_on)
        self.catalogue.save(release, d)
        self.waiting.append(d.id)
        return d.id

    def advance(self, id: UUID) -> Distribution:
        self.deliveries.advance(id, lambda: True)
        return self[id]

    def change(self, id: UUID, command: Callable[[Distribution], object]) -> None:
        d = self[id]
        command(d)
        self.catalogue.save(d)

    def amend(self, change: Callable[[TargetSettings], TargetSettings]) -> None:
        target = self.catalogue.get(DeliveryTarget, self.target_id)
        target.amend(change(target.settings))
        self.catalogue.save(target)

    @contextmanager
    def failing(self, at: str, error: Exception = CUT) -> Iterator[list[str]]:
        """Every step that begins like that fails; yields the steps so far."""
        steps: list[str] = []

        def step(taken: str) -> None:
            steps.append(taken)
            if taken.startswith(at):
                raise error

        self.step = step
        yield steps
        self.step = lambda step: None

    def standing(self, way: str = "primary") -> set[str]:
        """Paths of all files at the other side, parts too."""
        top = self.home / "top" / way
        return {str(path.relative_to(top)) for path in top.rglob("*") if path.is_file()}

    def __getitem__(self, id: UUID) -> Distribution:
        found = self.catalogue.find(Distribution, id)
        assert found is not None
        return found

    def topics(self, id: UUID) -> list[str]:
        return [event.TOPIC for event in self.catalogue._log.load(id)]


def paths(d: Distribution) -> set[str]:
    assert d.message is not None
    return {file["path"] for file in d.message["files"]}


def _settings(policy: DeliveryPolicy, gathering: Gathering | None) -> TargetSettings:
    return TargetSettings(
        platform=Name("Platform"),
        mode=Mode.TEST,
        protocol=Protocol.FOLDER,
        address=FolderAddress(path=FolderPath("primary")),
        sender=Party(dpid=Dpid("PADPIDA2013042401U"), name=Name("Label")),
        recipient=Party(dpid=Dpid("PADPIDA20261121020"), name=Name("Platform")),
        ern=ErnVersion.V43,
        confirmation=Confirmation.DDEX_ACKNOWLEDGEMENT,
        choreography=Choreography(gathering=gathering),
        policy=policy,
    )
