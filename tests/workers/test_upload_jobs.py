"""Which jobs uploads give to workers."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from deadwax.application.uploads import Upload, Way
from deadwax.domain import clock
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.settings import Settings
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS
from deadwax.workers.broker import TIDY_UPLOADS, VERIFY_UPLOAD
from deadwax.workers.scheduler import Scheduler
from deadwax.workers.tidying import tidy


@dataclass
class Queue:
    """What was sent, as (actor, id)."""

    sent: list[tuple[str, str]]

    def enqueue(self, message: Any) -> None:
        self.sent.append((message.actor_name, message.args[0]))


@pytest.fixture
def container(tmp_path: Path, database_url: str) -> Iterator[Container]:
    named = {"DEADWAX_HOME": str(tmp_path), "DEADWAX_DATABASE_URL": database_url}
    container = Container.open(Settings.from_env(named), "scheduler")
    yield container
    container.close()


@pytest.fixture
def connection(database_url: str) -> Iterator[psycopg.Connection]:
    with connect(database_url, "test") as connection:
        install(connection, PROJECTIONS)
        yield connection


def completed(container: Container) -> UUID:
    upload = Upload(
        id=uuid4(),
        tenant_id=uuid4(),
        way=Way.DIRECT,
        filename="01.wav",
        size=1,
        sha256=None,
        actor="key:x",
        correlation_id="c",
        expires_at=clock.now() + timedelta(hours=1),
        multipart="m",
    )
    container.uploads.add(upload)
    container.uploads.verify(upload.id)
    return upload.id


def test_a_completed_upload_is_given_to_a_worker_until_one_has_it(
    container: Container, connection: psycopg.Connection
) -> None:
    queue = Queue([])
    scheduler = Scheduler(container, connection, queue)  # type: ignore[arg-type]
    id = completed(container)
    asked = (VERIFY_UPLOAD, str(id))
    scheduler.tick()
    assert queue.sent.count(asked) == 1
    scheduler.tick()
    assert queue.sent.count(asked) == 1
    connection.execute("UPDATE uploads SET asked_until = now()")
    scheduler.tick()
    assert queue.sent.count(asked) == 2
    assert container.uploads.claim(id, 60)
    connection.execute("UPDATE uploads SET asked_until = now()")
    scheduler.tick()
    assert queue.sent.count(asked) == 2
    container.uploads.settle(id, "0" * 64, 7)
    connection.execute("UPDATE uploads SET asked_until = now(), claimed_until = now()")
    scheduler.tick()
    assert queue.sent.count(asked) == 2


def test_tidying_is_asked_for_now_and_then(
    container: Container, connection: psycopg.Connection
) -> None:
    queue = Queue([])
    scheduler = Scheduler(container, connection, queue)  # type: ignore[arg-type]
    scheduler.tick()
    scheduler.tick()
    assert [actor for actor, _ in queue.sent] == [TIDY_UPLOADS]


def test_what_a_killed_worker_left_of_a_rendition_is_deleted_after_a_day(
    container: Container,
) -> None:
    folder = container.settings.spool_dir / "renditions"
    for name, hours in (("killed", 25), ("at work", 23)):
        (folder / name).mkdir(parents=True)
        (folder / name / "rendition").write_bytes(b"RIFF")
        then = time.time() - hours * 3600
        os.utime(folder / name, (then, then))
    tidy(container)
    assert [path.name for path in folder.iterdir()] == ["at work"]


def test_uploads_to_a_bucket_that_is_ours_no_more_expire_too(container: Container) -> None:
    id = completed(container)
    with container.pool.connection() as connection:
        connection.execute("UPDATE uploads SET expires_at = now()")
    tidy(container)
    assert container.uploads.find(id) is None
