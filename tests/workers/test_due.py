"""A look at what is due costs by the targets, however much there is; the queue stays bounded."""

from __future__ import annotations

from uuid import UUID, uuid4

import psycopg
from tests.projections.conftest import db, log

from deadwax.application.catalogue import Catalogue
from deadwax.infrastructure.event_log.store import PostgresEventLog
from deadwax.workers.due import DueList
from deadwax.workers.feeder import Feeder

__all__ = ["db", "log"]
TENANT, TARGETS = uuid4(), [uuid4() for _ in range(3)]
_FILL = """
    INSERT INTO read.agenda (tenant_id, distribution_id, release_id, target_id, status, kind,
                             priority, waits_since, step, due_at, version, updated_at, position)
    SELECT %s, gen_random_uuid(), gen_random_uuid(), target, status, 'initial', 'normal', now(),
           step, now() - make_interval(secs => n), 1, now(), n
    FROM unnest(%s::uuid[]) AS targets (target), generate_series(1, %s) AS numbers (n),
         (VALUES (%s, %s)) AS states (status, step)"""


def fill(db: psycopg.Connection, each: int, status: str, step: str) -> None:
    db.execute(_FILL, (TENANT, TARGETS, each, status, step))
    db.execute("ANALYZE read.agenda")


def test_a_look_shows_the_first_of_each_target_and_no_more(
    db: psycopg.Connection, log: PostgresEventLog
) -> None:
    fill(db, 10_000, "created", "prepare")
    found = DueList(db, Catalogue(log)).look([], 30)
    assert len(found.due) == 3 * 20
    assert {one.target_id for one in found.due} == set(TARGETS)
    assert {one.position for one in found.due} == set(range(9_981, 10_001))  # the oldest
    assert found.more


def test_the_queue_is_bounded_and_removals_are_not_behind_it(
    db: psycopg.Connection, log: PostgresEventLog
) -> None:
    fill(db, 5_000, "created", "prepare")
    sent: list[tuple[UUID, bool]] = []
    feeder = Feeder(
        DueList(db, Catalogue(log)), lambda id, urgent: sent.append((id, urgent)), 50, 15.0
    )
    for _ in range(5):
        feeder.feed()
    assert len(sent) == len({id for id, _ in sent}) == 50


def test_a_batch_under_way_leaves_the_queue_to_others(
    db: psycopg.Connection, log: PostgresEventLog
) -> None:
    """However many share it: it is one delivery."""
    fill(db, 60, "created", "prepare")
    db.execute(
        """UPDATE read.agenda SET status = 'uploading', step = NULL, due_at = NULL, token = 1,
                  lease_until = date_trunc('day', now()) + interval '2 days'
           WHERE target_id = %s""",
        (TARGETS[0],),
    )
    sent: list[UUID] = []
    feeder = Feeder(DueList(db, Catalogue(log)), lambda id, urgent: sent.append(id), 50, 15.0)
    for _ in range(5):
        feeder.feed()
    assert len(sent) == 49


def test_nothing_is_sent_for_a_target_that_nobody_knows(
    db: psycopg.Connection, log: PostgresEventLog
) -> None:
    fill(db, 10, "queued", "deliver")
    assert DueList(db, Catalogue(log)).look([], 30).due == []
