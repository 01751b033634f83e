"""What couriers want to find again: by tenant, for a while, and lost without harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest

from deadwax.infrastructure.couriers.notes import PostgresNotes
from deadwax.infrastructure.database import open_pool

LONG = "https://api.dsp.example/v2 " + "x" * 9000


@pytest.fixture
def make_notes(database_url: str) -> Iterator[Callable[[], PostgresNotes]]:
    pool = open_pool(database_url, size=2, name="test")
    yield lambda: PostgresNotes(pool, uuid4())
    pool.close()


def test_a_note_is_kept_replaced_and_forgotten(make_notes: Callable[[], PostgresNotes]) -> None:
    notes = make_notes()
    assert notes.get(LONG) is None
    notes[LONG] = "one"
    notes[LONG] = "two"
    assert notes.get(LONG) == "two"
    assert notes.pop(LONG, None) == "two"
    assert notes.pop(LONG, None) is None


def test_a_tenant_sees_none_of_another(make_notes: Callable[[], PostgresNotes]) -> None:
    mine, theirs = make_notes(), make_notes()
    mine["a"] = "mine"
    assert theirs.get("a") is None
    assert theirs.pop("a", None) is None
    assert mine.get("a") == "mine"


def test_what_nobody_came_back_to_is_forgotten(
    make_notes: Callable[[], PostgresNotes], database_url: str
) -> None:
    notes = make_notes()
    notes["old"] = "old"
    with psycopg.connect(database_url) as connection:
        connection.execute("UPDATE courier_notes SET noted_at = now() - interval '31 days'")
    notes["new"] = "new"
    assert (notes.get("old"), notes.get("new")) == (None, "new")
