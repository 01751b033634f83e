"""What waits for a worker of media is asked for again, not over and over."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
import pytest
from tests.workers.test_upload_jobs import Queue, connection, container  # noqa: F401

from deadwax.domain.rendition_orders import RenditionOrder
from deadwax.infrastructure.container import Container
from deadwax.workers.broker import ANALYSE, MAKE_RENDITION
from deadwax.workers.scheduler import Scheduler

_ASSET = """
    INSERT INTO read.assets (tenant_id, asset_id, sha256, filename, kind, size, facts, state,
        blocked_by, created_at, version, updated_at, position, created_position)
    VALUES (%s, %s, '', '', 'audio', 1, '{}', 'analysing',
        '[]', now(), 1, now() - interval '1 day', 1, 1)"""
_RENDITION = """
    INSERT INTO read.renditions (tenant_id, rendition_id, source, recipe, state, problems,
        created_at, updated_at, position, created_position)
    VALUES (%s, %s, '', '{}', 'waiting', '[]', now(), now() - interval '1 day', 1, 1)"""


@pytest.mark.parametrize("actor", [ANALYSE, MAKE_RENDITION])
def test_what_waits_is_asked_for_again_when_nobody_is_at_it(
    container: Container,  # noqa: F811
    connection: psycopg.Connection,  # noqa: F811
    actor: str,
) -> None:
    id, queue = uuid4(), Queue([])
    connection.execute(_ASSET if actor == ANALYSE else _RENDITION, (uuid4(), id))

    def asked() -> int:
        """How often it was since the last look, by the scheduler of a moment later."""
        queue.sent.clear()
        Scheduler(container, connection, queue).tick()  # type: ignore[arg-type]
        stream = id if actor == ANALYSE else RenditionOrder.id_of(id)
        return queue.sent.count((actor, str(stream)))

    def later(seconds: int) -> None:
        connection.execute(
            "UPDATE analyses SET asked_at = asked_at - make_interval(secs => %(s)s),"
            " at = at - make_interval(secs => %(s)s)",
            {"s": seconds},
        )

    assert (asked(), asked()) == (1, 0)
    later(299)
    assert asked() == 0
    later(2)
    assert asked() == 1
    later(301)
    assert _begun(connection, id)
    assert asked() == 0
    later(301)
    assert asked() == 1  # who was at it fell silent


def test_what_nobody_waits_for_any_more_is_forgotten(
    container: Container,  # noqa: F811
    connection: psycopg.Connection,  # noqa: F811
) -> None:
    connection.execute(
        "INSERT INTO analyses (asset_id, asked_at) VALUES (%s, now() - interval '2 hours')",
        (uuid4(),),
    )
    Scheduler(container, connection, Queue([])).tick()  # type: ignore[arg-type]
    assert connection.execute("SELECT 1 FROM analyses").fetchone() is None


def _begun(connection: psycopg.Connection, id: UUID) -> bool:  # noqa: F811
    row = connection.execute(
        "UPDATE analyses SET worker = 'w', at = now() WHERE asset_id = %s RETURNING 1", (id,)
    ).fetchone()
    return row is not None
