"""Taking in a large file over HTTP, beside copying and hashing it on the same disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
from tests.api.server import Server
from tests.bench.comparison import Result, bench, compare
from tusclient.client import TusClient

from deadwax.domain.cause import SYSTEM_TENANT, Cause, acting
from deadwax.domain.tenant import TenantKind
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.migrate import migrate
from deadwax.infrastructure.settings import Settings
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS

MIB = 1 << 20
_SECONDS = 600
"""Of 24 bits at 96 kHz in stereo: some 330 MB."""


@dataclass
class Rig:
    """A running API, the key of a tenant, and a file that becomes another one each time."""

    server: Server
    key: str
    file: Path
    folder: Path

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.key}"}

    def rate(self, act: Callable[[], None]) -> float:
        """MB/s."""
        with self.file.open("r+b") as file:
            file.seek(1000)
            file.write(os.urandom(12))
        started = time.perf_counter()
        act()
        return self.file.stat().st_size / MIB / (time.perf_counter() - started)

    def tus(self) -> None:
        client = TusClient(f"{self.server.url}/api/v1/tus", headers=self.header)
        client.uploader(
            str(self.file), chunk_size=64 * MIB, metadata={"filename": "a.wav"}
        ).upload()

    def post(self) -> None:
        with self.file.open("rb") as file, httpx.Client(timeout=300) as http:
            blocks = iter(lambda: file.read(MIB), b"")
            url = f"{self.server.url}/api/v1/assets"
            found = http.post(
                url, content=blocks, headers=self.header, params={"filename": "a.wav"}
            )
            assert found.status_code == 201, found.text

    def copy(self) -> None:
        """What a store does at least: write, hash, sync, rename."""
        digest, beside = hashlib.sha256(), self.folder / f"{uuid4()}.part"
        with self.file.open("rb") as source, beside.open("wb") as copy:
            while block := source.read(MIB):
                copy.write(block)
                digest.update(block)
            os.fsync(copy.fileno())
        beside.rename(self.folder / digest.hexdigest())


@contextmanager
def rig() -> Iterator[Rig]:
    with tempfile.TemporaryDirectory(prefix="dw") as name, EmbeddedServers(Path(name)) as own:
        folder = Path(name) / "home"
        folder.mkdir()
        migrate(own.database_url)
        with connect(own.database_url, "bench") as connection:
            install(connection, PROJECTIONS)
        named = {"DEADWAX_HOME": str(folder), "DEADWAX_DATABASE_URL": own.database_url}
        settings = Settings.from_env(named)
        container = Container.open(settings, "bench")
        with acting(Cause(SYSTEM_TENANT, "process:bench", str(uuid4()))):
            _, key, _ = container.tenants.register(Name("A"), TenantKind.LABEL, review=False)
        container.close()
        file = folder / "a.wav"
        with wave.open(str(file), "wb") as wav:
            wav.setparams((2, 3, 96_000, 0, "NONE", ""))
            second = np.random.default_rng(3).bytes(96_000 * 6)
            for _ in range(_SECONDS):
                wav.writeframesraw(second)
        server = Server(settings, stall_seconds=30)
        try:
            yield Rig(server, key, file, folder)
        finally:
            server.end()


@bench("ingest")
def ingest() -> Result:
    """By tus: checked, recognised and stored, to be measured by a worker."""
    with rig() as made:
        return compare(
            "ingest",
            ours=lambda: made.rate(made.tus),
            peer=lambda: made.rate(made.copy),
            peer_name="copy and SHA-256",
            unit="MB/s",
        )


@bench("ingest-post")
def ingest_post() -> Result:
    """In one request: stored, read to its end and measured before it is answered."""
    with rig() as made:
        return compare(
            "ingest-post",
            ours=lambda: made.rate(made.post),
            peer=lambda: made.rate(made.copy),
            peer_name="copy and SHA-256",
            unit="MB/s",
            rounds=3,
        )
