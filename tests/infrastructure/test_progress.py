"""What running deliveries show of themselves, in a table that may be lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest

from deadwax.application.ports import Snapshot
from deadwax.infrastructure.database import open_pool
from deadwax.infrastructure.progress import Pool, PostgresProgress

HALF = Snapshot(
    route="primary",
    file="a.wav",
    files_done=1,
    files=2,
    bytes_done=5,
    bytes_total=10,
    bytes_sent=5,
    rate=1,
    seconds_left=5,
)


@pytest.fixture
def pool(database_url: str) -> Iterator[Pool]:
    pool = open_pool(database_url, size=2, name="test")
    yield pool
    pool.close()


def test_all_of_a_batch_show_how_far_it_is_until_it_ends(pool: Pool) -> None:
    progress, one, other = PostgresProgress(pool), uuid4(), uuid4()
    progress.show({one: 3, other: 5}, HALF)
    later = replace(HALF, bytes_done=8)
    progress.show({one: 3, other: 5}, later)
    assert [shown and shown.snapshot for shown in (progress.of(one, 3), progress.of(other, 5))] == [
        later,
        later,
    ]
    progress.forget({one: 3, other: 5})
    assert progress.of(one, 3) is None


def test_an_attempt_that_lost_its_lease_shows_nothing_any_more(pool: Pool) -> None:
    progress, id = PostgresProgress(pool), uuid4()
    progress.show({id: 7}, HALF)
    progress.show({id: 3}, replace(HALF, bytes_done=9))
    progress.forget({id: 3})
    found = progress.of(id, 7)
    assert found is not None
    assert found.snapshot == HALF
    assert progress.of(id, 3) is None


def test_what_said_nothing_for_long_is_not_shown(pool: Pool) -> None:
    progress, id = PostgresProgress(pool), uuid4()
    progress.show({id: 1}, HALF)
    with pool.connection() as connection:
        connection.execute("UPDATE progress SET at = now() - interval '1 hour'")
    assert progress.of(id, 1) is None


def test_a_lost_table_ends_no_transfer(pool: Pool) -> None:
    progress, id = PostgresProgress(pool), uuid4()
    with pool.connection() as connection:
        connection.execute("DROP TABLE progress")
    progress.show({id: 1}, HALF)
    progress.show({id: 1}, HALF)
    progress.forget({id: 1})


def test_a_gone_database_ends_no_transfer(database_url: str) -> None:
    pool = open_pool(database_url, size=1, name="test")
    pool.close()
    progress = PostgresProgress(pool)
    progress.show({uuid4(): 1}, HALF)
    progress.forget({uuid4(): 1})
