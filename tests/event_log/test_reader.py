"""The reader at gaps: open, rolled-back and lost numbers, made with real transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

from deadwax.application.log import UnknownEventType
from deadwax.domain.aggregate import Event
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.event_log.codec import encode
from deadwax.infrastructure.event_log.reader import GapAwareReader
from deadwax.infrastructure.event_log.store import INSERT, PostgresEventLog

History = Callable[..., list[Event]]
Database = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def reader(database_url: str) -> Iterator[GapAwareReader]:
    with GapAwareReader(database_url, 0) as reader:
        yield reader


@pytest.fixture
def slow(database_url: str) -> Iterator[Database]:
    """A writer that inserts and takes its time to commit."""
    with connect(database_url, "slow") as connection:
        yield connection


def insert(connection: Database, events: list[Event]) -> None:
    connection.execute(INSERT, (f"[{','.join(encode(event) for event in events)}]",))


def ids(reader: GapAwareReader, limit: int = 100) -> list[object]:
    return [recorded.event_id for recorded in reader.read(limit)]


def ids_of(*appends: list[Event]) -> list[object]:
    return [event.event_id for events in appends for event in events]


def test_events_are_read_in_order_in_pieces_up_to_the_limit(
    log: PostgresEventLog, reader: GapAwareReader, history: History
) -> None:
    events = history(5)
    last = log.append(events)
    assert [ids(reader, 2), ids(reader, 2), ids(reader, 2), ids(reader, 2)] == [
        ids_of(events[:2]),
        ids_of(events[2:4]),
        ids_of(events[4:]),
        [],
    ]
    assert reader.position == last
    assert reader.blocked_since is None


def test_a_recorded_event_holds_what_was_appended(
    log: PostgresEventLog, reader: GapAwareReader, history: History
) -> None:
    _, event = history(2)
    position = log.append([event])
    (recorded,) = reader.read(10)
    assert recorded.position == position
    assert recorded.type == "tenant.label_added"
    assert recorded.data == {"label": {"name": "Label 2"}}
    assert (recorded.stream_id, recorded.version) == (event.originator_id, 2)
    assert (recorded.tenant_id, recorded.actor) == (event.tenant_id, "key:test")
    assert (recorded.correlation_id, recorded.causation_id) == ("request-1", "request-0")
    assert recorded.recorded_at == event.timestamp
    assert recorded.recorded_at.tzinfo is UTC


def test_a_reader_starts_after_its_position(
    log: PostgresEventLog, database_url: str, history: History
) -> None:
    first, second = history(3), history(2)
    with GapAwareReader(database_url, log.append(first)) as reader:
        log.append(second)
        assert ids(reader) == ids_of(second)


def test_nothing_after_an_open_transaction_is_read_until_it_commits(
    log: PostgresEventLog, reader: GapAwareReader, slow: Database, history: History
) -> None:
    before, held, after = history(2), history(2), history(2)
    log.append(before)
    with slow.transaction():
        insert(slow, held)
        log.append(after)
        assert ids(reader) == ids_of(before)
        assert reader.blocked_since is None
        assert ids(reader) == []
        since = reader.blocked_since
        assert since is not None
        assert since <= datetime.now(UTC)
        assert ids(reader) == []
        assert reader.blocked_since == since
    assert ids(reader) == ids_of(held, after)
    assert reader.blocked_since is None


def test_numbers_of_a_rolled_back_transaction_are_passed_over_once_it_has_ended(
    log: PostgresEventLog, reader: GapAwareReader, slow: Database, history: History
) -> None:
    after = history(2)
    with slow.transaction(force_rollback=True):
        insert(slow, history(3))
        log.append(after)
        assert ids(reader) == []
    assert ids(reader) == ids_of(after)
    assert reader.blocked_since is None


def test_an_old_dead_gap_is_passed_over_in_one_read(
    log: PostgresEventLog, reader: GapAwareReader, slow: Database, history: History
) -> None:
    with slow.transaction(force_rollback=True):
        insert(slow, history(3))
    after = history(2)
    log.append(after)
    assert ids(reader) == ids_of(after)


def test_a_jump_of_the_sequence_as_after_a_crash_is_passed_over(
    log: PostgresEventLog, reader: GapAwareReader, database: Database, history: History
) -> None:
    before, after = history(1), history(1)
    log.append(before)
    database.execute("SELECT setval('events_position', nextval('events_position') + 31)")
    log.append(after)
    assert [ids(reader), ids(reader)] == [ids_of(before), ids_of(after)]


def test_the_holder_of_a_number_is_waited_for_even_before_it_writes(
    log: PostgresEventLog,
    reader: GapAwareReader,
    slow: Database,
    history: History,
) -> None:
    """Because the column's default assigns the transaction id before the number."""
    held, after = history(1), history(1)
    log.append(history(1))
    reader.read(1)
    ((default,),) = slow.execute(
        "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'events'::regclass"
    ).fetchall()
    with slow.transaction():
        ((position,),) = slow.execute(f"SELECT {default}").fetchall()
        log.append(after)
        for _ in range(3):
            assert ids(reader) == []
        at_position = INSERT.replace("(event_id,", "(position, event_id,", 1).replace(
            "SELECT event_id", f"SELECT {position}, event_id", 1
        )
        slow.execute(at_position, (f"[{encode(held[0])}]",))
    assert ids(reader) == ids_of(held, after)


def test_each_open_gap_is_waited_for_although_an_earlier_one_is_dead(
    log: PostgresEventLog, reader: GapAwareReader, database_url: str, history: History
) -> None:
    held, first, second, third = history(1), history(1), history(1), history(1)
    with connect(database_url, "dead") as dead, connect(database_url, "held") as slow:
        dead.execute("BEGIN")
        insert(dead, history(1))
        log.append(first)
        assert ids(reader) == []  # what it notes now must not settle the next gap
        slow.execute("BEGIN")
        insert(slow, held)
        log.append(second)
        dead.execute("ROLLBACK")
        assert ids(reader) == ids_of(first)
        assert ids(reader) == []
        log.append(third)
        assert ids(reader) == []
        slow.execute("COMMIT")
    assert ids(reader) == ids_of(held, second, third)


def test_thousands_of_old_dead_gaps_need_no_more_than_one_wait(
    log: PostgresEventLog, reader: GapAwareReader, database: Database, history: History
) -> None:
    expected = []
    for _ in range(20):
        with database.transaction(force_rollback=True):
            insert(database, history(1))
        events = history(1)
        log.append(events)
        expected += ids_of(events)
    fences: list[object] = []
    take_fence = reader._new_fence
    reader._new_fence = lambda: fences.append(None) or take_fence()  # type: ignore
    assert ids(reader) == expected
    assert len(fences) == 1


def test_a_lost_connection_is_made_again_and_old_transaction_ids_forgotten(
    log: PostgresEventLog,
    reader: GapAwareReader,
    slow: Database,
    database: Database,
    history: History,
) -> None:
    held, after = history(1), history(1)
    with slow.transaction():
        insert(slow, held)
        log.append(after)
        assert ids(reader) == []
        assert reader._fence is not None
        database.execute(
            """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
               WHERE application_name = 'deadwax-read' AND datname = current_database()"""
        )
        assert ids(reader) == []
    assert ids(reader) == ids_of(held, after)


def test_events_before_an_unreadable_one_are_read_and_then_it_stops(
    log: PostgresEventLog, reader: GapAwareReader, database: Database, history: History
) -> None:
    before, after = history(2), history(1)
    position = log.append(before)
    (unknown,) = history(1)
    text = encode(unknown).replace('"tenant.registered"', '"tenant.dissolved"')
    database.execute(INSERT, (f"[{text}]",))
    log.append(after)
    assert ids(reader) == ids_of(before)
    for _ in range(2):
        with pytest.raises(UnknownEventType, match=r"tenant\.dissolved"):
            reader.read(100)
        assert reader.position == position
