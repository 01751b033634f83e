"""The agenda says what each distribution waits for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.rows import class_row
from tests.projections.conftest import Project
from tests.projections.deliveries import Told

from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory
from deadwax.domain.priority import Priority
from deadwax.domain.texts import Moment
from deadwax.projections.agenda import AgendaRow

LATER = datetime(2199, 1, 1, tzinfo=UTC)


def waits(db: psycopg.Connection, told: Told) -> AgendaRow:
    with db.cursor(row_factory=class_row(AgendaRow)) as cursor:
        row = cursor.execute(
            "SELECT * FROM read.agenda WHERE distribution_id = %s", [told.id]
        ).fetchone()
    assert row is not None
    assert row.status == told.distribution.status
    return row


def summary(db: psycopg.Connection, told: Told) -> tuple[Any, ...]:
    row = waits(db, told)
    return row.due_at, row.token, row.lease_until, row.awaiting_since


Telling = Callable[[Told], Told]
_OF_NOTHING: dict[str, Telling] = {
    "removed": lambda t: t.queued().sent().answered("removed"),
    "cancelled": lambda t: t.tell(lambda d: d.cancel("no")),
    "suspended": lambda t: t.tell(lambda d: d.suspend("no")),
}


@pytest.mark.parametrize("name", _OF_NOTHING)
def test_nothing_is_awaited(name: str, project: Project, db: psycopg.Connection) -> None:
    told = _OF_NOTHING[name](Told())
    project(told.events)
    assert summary(db, told) == (None, None, None, None)


@pytest.mark.parametrize(
    "tell",
    [
        lambda t: t,
        lambda t: t.tell(Distribution.start_validation),
        lambda t: t.queued(),
        lambda t: t.queued().sent().answered("live").tell(lambda d: d.request_takedown("no")),
    ],
)
def test_a_worker_is_wanted_now(tell: Telling, project: Project, db: psycopg.Connection) -> None:
    told = tell(Told())
    project(told.events)
    row = waits(db, told)
    assert row.due_at == row.updated_at == told.events[-1].timestamp
    assert (row.token, row.lease_until, row.awaiting_since) == (None, None, None)


def test_what_comes_back_from_an_attempt_keeps_its_place(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told().queued()
    queued_at = told.events[-1].timestamp
    told.uploading().tell(lambda d: d.give_back(d.token, "stopped"))
    project(told.events)
    row = waits(db, told)
    assert row.due_at == row.waits_since == queued_at


def test_a_priority_is_kept_over_attempts(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().tell(lambda d: d.prioritise(Priority.HIGH))
    project(told.events)
    assert waits(db, told).priority == "high"
    told.events.clear()
    project(told.uploading().tell(lambda d: d.give_back(d.token, "stopped")).events)
    assert waits(db, told).priority == "high"


def test_a_retry_is_due_at_its_time(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().uploading()
    told.tell(lambda d: d.fail_attempt(d.token, FailureCategory.NETWORK_TIMEOUT, "no", LATER))
    project(told.events)
    assert summary(db, told) == (LATER, None, None, None)


def test_a_scheduled_delivery_is_due_at_its_time(project: Project, db: psycopg.Connection) -> None:
    told = Told().tell(
        lambda d: d.cancel("wanted later"),
        lambda d: d.renew(LATER),
        lambda d: d.pass_validation(LATER - timedelta(days=1)),
    )
    project(told.events)
    assert summary(db, told) == (LATER, None, None, None)


@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two"])
def test_an_attempt_holds_its_lease(apart: bool, project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().tell(lambda d: d.start_attempt("worker", LATER))
    if apart:
        project(told.events)
        told.events.clear()
    told.tell(lambda d: d.compose(d.token, {"id": "M1", "files": []}))
    told.tell(lambda d: d.start_upload(d.token), lambda d: d.start_publishing(d.token))
    project(told.events)
    assert summary(db, told) == (None, told.distribution.token, LATER, None)


@pytest.mark.parametrize(
    "tell",
    [
        lambda t: t.queued().sent(),
        lambda t: t.queued().sent().answered("live"),
        lambda t: (
            t.queued()
            .uploading()
            .tell(lambda d: d.fail_attempt(d.token, FailureCategory.AUTH_INVALID, "no", t.soon))
        ),
    ],
)
def test_the_platform_may_answer(tell: Telling, project: Project, db: psycopg.Connection) -> None:
    told = tell(Told())
    project(told.events)
    assert summary(db, told) == (None, None, None, told.events[-1].timestamp)


def test_an_unknown_outcome_awaits_a_look_and_an_answer(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told().queued().publishing().tell(lambda d: d.give_back(d.token, "stopped"))
    project(told.events)
    at = told.events[-1].timestamp
    assert summary(db, told) == (at, None, None, at)


def test_a_takedown_for_later_is_answered_from_its_date_on(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told().queued().sent().answered("live")
    told.tell(lambda d: d.request_takedown("the licence ends", Moment("2199-01-01"))).sent()
    project(told.events)
    row = waits(db, told)
    assert row.takes_effect == row.awaiting_since == datetime(2199, 1, 1, 12, tzinfo=UTC)
    told.events.clear()
    project(told.tell(lambda d: d.request_update("it goes on")).sent().events)
    row = waits(db, told)
    assert (row.kind, row.takes_effect) == ("update", None)
    assert row.awaiting_since == told.events[-1].timestamp


def test_an_update_that_says_nothing_new_leaves_nothing_to_wait_for(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told().queued().sent().answered("live").tell(lambda d: d.request_update("x"))
    told.tell(lambda d: d.start_attempt("worker", told.soon), lambda d: d.drop_update(d.token))
    project(told.events)
    assert summary(db, told) == (None, None, None, told.events[-1].timestamp)
    assert waits(db, told).kind == "initial"


def test_it_says_what_is_to_be_sent(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().sent().answered("live").tell(lambda d: d.request_update("cover"))
    project(told.events)
    assert waits(db, told).kind == "update"
