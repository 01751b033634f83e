"""The list of schedules, and what the scheduler makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from dramatiq.brokers.stub import StubBroker
from tests.projections.conftest import Project

from deadwax.domain.cause import Cause, acting
from deadwax.domain.schedule import Schedule
from deadwax.domain.schedule_terms import Action, At, Terms
from deadwax.domain.texts import Moment, Name
from deadwax.projections import schedules
from deadwax.workers.appointments import Appointments
from deadwax.workers.broker import SCHEDULE, WATCH, WHOLESALE

TENANT = uuid4()
TERMS = Terms(
    name=Name("Fridays"),
    action=Action.UPDATE,
    reason=Name("The charts."),
    at=At(time=Moment("2099-01-01T00:00:00Z")),
)
NOW = datetime.now(UTC)


def plan(*times: datetime) -> list[dict[str, Any]]:
    return [{"due_at": at.isoformat()} for at in times]


@pytest.fixture
def broker() -> StubBroker:
    broker = StubBroker()
    broker.declare_queue(WHOLESALE)
    return broker


def taken(broker: StubBroker) -> list[tuple[str, UUID]]:
    """What was sent since it was last asked."""
    messages = []
    consumer = broker.consume(WHOLESALE, timeout=1)
    while (message := next(consumer)) is not None:
        messages.append((message.actor_name, UUID(message.args[0])))
        consumer.ack(message)
    return messages


def row(db: psycopg.Connection, schedule: Schedule) -> schedules.ScheduleRow:
    [found] = [item for item in schedules.page(db, TENANT).items if item.schedule_id == schedule.id]
    return found


@pytest.fixture(autouse=True)
def as_tenant() -> Any:
    with acting(Cause(TENANT, "key:test", "request")):
        yield


def test_what_is_due_is_told_once_and_again_if_it_comes_no_further(
    db: psycopg.Connection, project: Project, broker: StubBroker
) -> None:
    due, later = (
        Schedule.create(uuid4(), TERMS, plan(at))
        for at in (NOW - timedelta(minutes=1), NOW + timedelta(days=1))
    )
    project([*due.collect_events(), *later.collect_events()])
    patient, hasty = Appointments(db, broker, 1e9), Appointments(db, broker, 0)

    for _ in range(2):
        patient.tick()
    assert taken(broker) == [(SCHEDULE, due.id)]
    for _ in range(2):
        hasty.tick()
    assert taken(broker) == [(SCHEDULE, due.id)] * 2

    due.fire(NOW, [], [NOW])
    project(due.collect_events())
    patient.tick()
    assert taken(broker) == []
    hasty.tick()
    hasty.tick()
    assert taken(broker) == [(SCHEDULE, due.id)]

    due.end_run()
    project(due.collect_events())
    hasty.tick()
    assert taken(broker) == []


def test_tenants_with_dates_are_watched_at_once_and_not_at_every_tick(
    db: psycopg.Connection, project: Project, broker: StubBroker
) -> None:
    waiting = Schedule.create(uuid4(), TERMS, plan(NOW + timedelta(days=1)))
    project(waiting.collect_events())
    db.execute("UPDATE read.schedules SET kind = 'before_release'")
    appointments = Appointments(db, broker, 1e9)

    appointments.tick()
    appointments.tick()

    assert taken(broker) == [(WATCH, TENANT)]


def test_a_row_tells_what_is_to_come_and_what_was_done(
    db: psycopg.Connection, project: Project
) -> None:
    first, second = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    schedule = Schedule.create(uuid4(), TERMS, plan(first))
    project(schedule.collect_events())
    assert (row(db, schedule).kind, row(db, schedule).next_at) == ("at", first)

    schedule.pause("A dispute.")
    project(schedule.collect_events())
    assert (row(db, schedule).next_at, row(db, schedule).due_at) == (None, None)

    schedule.resume(plan(first))
    schedule.fire(second, plan(second), [first, first])
    schedule.note(uuid4(), [uuid4(), uuid4()], [{"code": "c"}])
    project(schedule.collect_events())
    running = row(db, schedule)
    assert (running.running, running.fired, running.missed) == (True, 1, 2)
    assert (running.changed, running.refused) == (2, 1)
    assert running.next_at == second
    assert running.due_at is not None
    assert running.due_at < second

    schedule.end_run()
    project(schedule.collect_events())
    assert (row(db, schedule).running, row(db, schedule).due_at) == (False, second)
    schedule.cancel("Not after all.")
    project(schedule.collect_events())
    assert (row(db, schedule).status, row(db, schedule).due_at) == ("cancelled", None)
