"""`engine`: updates of metadata only, from the request to the last file, with every process."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import psycopg
from tests.bench.comparison import Result, Unavailable, bench
from tests.faults.rig import Rig

from deadwax.domain.addresses.local import FolderAddress
from deadwax.domain.addresses.protocols import Protocol
from deadwax.domain.delivery_policy import DeliveryPolicy
from deadwax.domain.distribution import Distribution
from deadwax.domain.release import Release
from deadwax.domain.target import Confirmation, TargetSettings
from deadwax.domain.texts import Name
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.migrate import migrate

T = TypeVar("T")

COUNT = int(os.environ.get("DEADWAX_BENCH_DISTRIBUTIONS", "10000"))
_CHUNK = 200
_PROCESSES = ("dispatcher", "projector", "scheduler", "worker", "worker")


@bench("engine")
def engine() -> Result:
    """Distributions a second that came to `updated`; the peer builds the same messages and writes
    them to the same disk, one after the other, and keeps no record of anything."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="dw")))
        servers = opened.enter_context(EmbeddedServers(folder))
        migrate(servers.database_url)
        rig = Rig(folder, servers.database_url, servers.redis_url, _schemas())
        opened.callback(rig.close)
        rig.environ |= {"DEADWAX_LEASE_SECONDS": "30", "DEADWAX_POLL_SECONDS": "300"}
        (rig.deliveries / str(rig.tenant_id) / "bench").mkdir(parents=True)
        with rig.acting():
            distributions = list(_delivered(rig, rig.open_target(_settings(rig))))
            peer = _bare(rig, distributions[:500], folder / "bare")
        for name in _PROCESSES:
            opened.enter_context(_running(name, rig.environ))
        rig.wait_for_position()
        started = time.monotonic()
        with rig.acting():
            for chunk in _chunks(distributions):
                for d in chunk:
                    d.request_update("bench")
                rig.container.catalogue.save(*chunk)
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            while _updated(connection) < COUNT:
                _complain(connection)
                time.sleep(0.2)
        ours = COUNT / (time.monotonic() - started)
        unit = f"distributions/s over {COUNT}"
        return Result(
            "engine",
            round(ours, 1),
            round(peer, 1),
            "built and written, no record kept",
            round(ours / peer, 3),
            unit,
            1,
        )


@contextmanager
def _running(name: str, environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "deadwax.workers.cli", name]
    process = subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _delivered(rig: Rig, target_id: UUID) -> Iterator[Distribution]:
    """Releases that the platform has, and whose titles were changed since."""
    container = rig.container
    assets = container.catalogue.assets(rig.tenant_id, rig.metadata())
    until = datetime.now(UTC) + timedelta(hours=1)
    for numbers in _chunks(range(COUNT)):
        releases = [Release.draft(uuid4(), rig.metadata()) for _ in numbers]
        for release in releases:
            release.submit(assets)
            release.approve()
        container.catalogue.save(*releases)
        chunk = [Distribution.request(r.id, target_id, "test", None) for r in releases]
        for d in chunk:
            d.start_validation()
            d.pass_validation(until)
            d.start_attempt("setup", until)
            draft = container.composer.draft(d, datetime.now(UTC))
            assert draft is not None
            d.compose(d.token, container.composer.lay_out([draft])[0])
            d.start_upload(d.token)
            d.start_publishing(d.token)
            d.confirm_sent(d.token, {"endpoint": "setup"}, expects_answer=False)
        for release in releases:
            title = Name(f"Renamed {release.id.hex[:8]}")
            release.amend(replace(release.metadata, title=title), assets)
        container.catalogue.save(*releases, *chunk)
        yield from chunk


def _bare(rig: Rig, distributions: Sequence[Distribution], folder: Path) -> float:
    """Messages a second."""
    folder.mkdir()
    started = time.monotonic()
    for d in distributions:
        as_update = rig.container.catalogue.find(Distribution, d.id)
        assert as_update is not None
        as_update.request_update("bench")
        draft = rig.container.composer.draft(as_update, datetime.now(UTC))
        assert draft is not None
        with rig.container.asset_store.open(draft.xml.sha256) as built:
            path = folder / f"{d.id}.xml"
            with path.open("wb") as file:
                file.write(built.read())
                file.flush()
                os.fsync(file.fileno())
    return len(distributions) / (time.monotonic() - started)


def _updated(connection: psycopg.Connection) -> int:
    row = connection.execute(
        """SELECT count(*) FROM events WHERE type = 'distribution.sent'
           AND data ->> 'status' = 'updated'"""
    ).fetchone()
    assert row is not None
    return int(row[0])


def _complain(connection: psycopg.Connection) -> None:
    """A delivery that needs a person would be waited for in vain."""
    row = connection.execute(
        "SELECT data FROM events WHERE type = 'distribution.attempt_failed' LIMIT 1"
    ).fetchone()
    assert row is None, row


def _settings(rig: Rig) -> TargetSettings:
    return replace(
        rig.settings(),
        protocol=Protocol.FOLDER,
        address=FolderAddress(path=Name("bench")),
        confirmation=Confirmation.NONE,
        policy=DeliveryPolicy(at_once=64),
    )


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, _CHUNK)):
        yield chunk


def _schemas() -> Path:
    folder = os.environ.get("DEADWAX_DDEX_SCHEMAS")
    if not folder:
        raise Unavailable("DEADWAX_DDEX_SCHEMAS is not set")
    return Path(folder)
