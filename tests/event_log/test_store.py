"""Appending and loading on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deadwax.application.errors import Conflict
from deadwax.application.log import UnstorableEvent
from deadwax.domain.aggregate import Event
from deadwax.domain.tenant import LabelAdded, Tenant, TenantKind
from deadwax.infrastructure.event_log.store import PostgresEventLog

History = Callable[..., list[Event]]
Database = psycopg.Connection[tuple[Any, ...]]


def stored(database: Database) -> list[tuple[Any, ...]]:
    return database.execute("SELECT stream_id, version FROM events ORDER BY position").fetchall()


def keys(events: list[Event]) -> list[tuple[Any, ...]]:
    return [(event.originator_id, event.originator_version) for event in events]


def test_appended_events_load_equal_and_build_the_aggregate(log: PostgresEventLog) -> None:
    tenant = Tenant.register(uuid4(), name="Ørsted", kind=TenantKind.ARTIST, review=True)
    events = tenant.collect_events()
    log.append(events)  # type: ignore[arg-type]
    loaded = log.load(tenant.id)
    assert list(loaded) == list(events)
    root = None
    for event in loaded:
        root = event.mutate(root)
    assert isinstance(root, Tenant)
    assert (root.name, root.tenant_id, root.version) == ("Ørsted", tenant.tenant_id, 1)


def test_an_unknown_stream_is_empty(log: PostgresEventLog) -> None:
    assert log.load(uuid4()) == []


def test_nothing_cannot_be_appended(log: PostgresEventLog) -> None:
    with pytest.raises(ValueError, match="at least one"):
        log.append([])


def test_append_returns_the_position_of_the_last_event(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    one, many = history(1), history(3)
    positions = log.append(one), log.append(many)
    found: dict[UUID, int] = dict(
        database.execute("SELECT event_id, position FROM events").fetchall()
    )
    assert positions == (found[one[-1].event_id], found[many[-1].event_id])
    assert stored(database) == keys(one) + keys(many)


def test_every_column_holds_what_the_event_says(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    log.append(history(1))
    (event,) = history(1)
    log.append([event])
    row = database.execute(
        """SELECT event_id, stream_id, version, type, schema_version, tenant_id, actor,
                  correlation_id, causation_id, recorded_at, data::text
           FROM events ORDER BY position DESC LIMIT 1"""
    ).fetchone()
    assert row == (
        event.event_id,
        event.originator_id,
        1,
        "tenant.registered",
        1,
        event.tenant_id,
        "key:test",
        "request-1",
        "request-0",
        event.timestamp,
        '{"name":"Ørsted Records","kind":"label","review":false}',
    )


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.lists(st.booleans() | st.none()),
    )
)
def test_any_plain_json_survives_the_database(log: PostgresEventLog, label: dict[str, Any]) -> None:
    event = LabelAdded(
        originator_id=uuid4(),
        originator_version=2,
        timestamp=Event.create_timestamp(),
        label=label,
    )
    log.append([event])
    (back,) = log.load(event.originator_id)
    assert back == event
    assert repr(vars(back)["label"]) == repr(label)


def test_five_thousand_events_in_one_append(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    events = history(2000) + history(1) + history(2999)
    last = log.append(events)
    assert stored(database) == keys(events)
    assert last == database.execute("SELECT max(position) FROM events").fetchall()[0][0]
    assert log.load(events[0].originator_id) == events[:2000]


def test_a_conflict_stores_nothing_of_its_append_and_names_the_stream(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    taken = history(2)
    log.append(taken)
    stream = taken[0].originator_id
    append = [*history(1), *history(1, stream, first=2), *history(1)]
    with pytest.raises(Conflict, match=f"stream {stream} has version 2"):
        log.append(append)
    assert stored(database) == keys(taken)


def test_an_append_that_holds_one_version_twice_stores_nothing(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    stream = uuid4()
    with pytest.raises(psycopg.errors.UniqueViolation):
        log.append([*history(1, stream), *history(1, stream)])
    assert stored(database) == []


def test_an_unstorable_event_stores_nothing_of_its_append(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    bad = LabelAdded(
        originator_id=uuid4(),
        originator_version=2,
        timestamp=Event.create_timestamp(),
        label={"name": {"a", "set"}},
    )
    with pytest.raises(UnstorableEvent, match=r"tenant\.label_added: label\.name"):
        log.append([*history(1), bad])
    assert stored(database) == []


def test_repeating_an_append_stores_nothing_new_and_returns_its_position(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    events = history(3)
    first = log.append(events)
    log.append(history(1))
    assert log.append(events) == first
    assert len(stored(database)) == 4


def test_a_repeated_append_that_holds_more_than_before_is_a_conflict(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    events = history(3)
    log.append(events[:2])
    with pytest.raises(Conflict):
        log.append(events)
    assert len(stored(database)) == 2


def test_of_many_threads_in_one_group_only_the_guilty_get_a_conflict(
    log: PostgresEventLog, database: Database, history: History
) -> None:
    taken = history(1)
    log.append(taken)
    innocent = [history(2) for _ in range(12)]
    guilty = [[*history(1), *history(1, taken[0].originator_id)] for _ in range(4)]
    appends = [a for group in zip(*[iter(innocent)] * 3, guilty, strict=True) for a in group]
    together = Barrier(len(appends))

    def append(events: list[Event]) -> bool:
        together.wait()
        try:
            log.append(events)
        except Conflict:
            return False
        return True

    # Locked out, the first cannot finish before the others have queued behind it.
    with ThreadPoolExecutor(len(appends)) as threads:
        with database.transaction():
            database.execute("LOCK TABLE events IN EXCLUSIVE MODE")
            running = [threads.submit(append, events) for events in appends]
            while len(log._commits._waiting) < len(appends) - 1:
                pass
        succeeded = [future.result() for future in running]
    assert succeeded == [events not in guilty for events in appends]
    expected = {key for events in [taken, *innocent] for key in keys(events)}
    assert set(stored(database)) == expected
    assert len(stored(database)) == len(expected)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE events SET actor = 'other'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE events SET actor = 'other' WHERE false",
    ],
)
def test_stored_events_cannot_be_changed_or_removed(
    log: PostgresEventLog, database: Database, history: History, change: str
) -> None:
    log.append(history(2))
    with pytest.raises(psycopg.errors.RestrictViolation, match="only ever appended"):
        database.execute(change)
    assert len(stored(database)) == 2
