"""The delivery log says of every attempt what came of it."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.deliveries import Told

from deadwax.domain.errors import Problem
from deadwax.domain.failures import FailureCategory
from deadwax.projections import delivery_log
from deadwax.projections.delivery_log import Attempt


def attempts(db: psycopg.Connection, told: Told) -> list[Attempt]:
    return delivery_log.page(db, told.tenant_id, distribution_id=told.id).items


def test_an_attempt_that_delivers(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().sent().answered("live")
    project(told.events)
    (row,) = attempts(db, told)
    assert (row.result, row.category, row.detail) == ("sent", None, None)
    assert (row.bytes, row.files, row.seconds) == (2700, 3, 1.5)
    assert (row.worker, row.kind, row.message_id) == ("worker@a:1", "initial", "M1")
    assert (row.release_id, row.target_id) == (told.release_id, told.target_id)
    assert row.ended_at is not None
    assert row.started_at < row.ended_at


Ending = Callable[[Told], object]
_ENDINGS: dict[str, tuple[Ending, str | None, str | None]] = {
    "running": (lambda t: t, None, None),
    "failed": (
        lambda t: t.tell(
            lambda d: d.fail_attempt(d.token, FailureCategory.AUTH_INVALID, "denied", t.soon)
        ),
        "auth_invalid",
        "denied",
    ),
    "gave_back": (
        lambda t: t.tell(lambda d: d.give_back(d.token, "lease_expired")),
        None,
        "lease_expired",
    ),
    "outcome_unknown": (
        lambda t: t.tell(
            lambda d: d.start_publishing(d.token), lambda d: d.give_back(d.token, "stopped")
        ),
        None,
        "stopped",
    ),
    "needs_attention": (
        lambda t: t.tell(
            lambda d: d.need_attention(FailureCategory.RIGHTS, [Problem("r", "deals", "None.")])
        ),
        "rights",
        "None.",
    ),
    "withdrawn": (lambda t: t.tell(lambda d: d.cancel("not wanted")), None, "not wanted"),
}


@pytest.mark.parametrize("result", _ENDINGS)
@pytest.mark.parametrize("apart", [False, True], ids=["in one batch", "in two"])
def test_how_an_attempt_ends(
    result: str, apart: bool, project: Project, db: psycopg.Connection
) -> None:
    end, category, detail = _ENDINGS[result]
    told = Told().queued().uploading()
    if apart:
        project(told.events)
        told.events.clear()
    end(told)
    if told.events:
        project(told.events)
    (row,) = attempts(db, told)
    assert (row.result, row.category, row.detail) == (result, category, detail)
    assert (row.ended_at is None) == (result == "running")


def test_an_unknown_outcome_is_settled_later(project: Project, db: psycopg.Connection) -> None:
    found, lost = Told().queued().publishing(), Told().queued().publishing()
    for told in (found, lost):
        told.tell(lambda d: d.give_back(d.token, "lease_expired"))
    found.tell(lambda d: d.found_sent({"found": "manifest"}, expects_answer=True))
    lost.tell(lambda d: d.found_unsent())
    project(found.events + lost.events)
    assert [(a.result, a.detail) for a in attempts(db, found)] == [("sent", "found by manifest")]
    assert [a.result for a in attempts(db, lost)] == ["not_delivered"]


def test_totals_of_a_target(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().uploading()
    told.tell(lambda d: d.fail_attempt(d.token, FailureCategory.INTEGRITY, "short", told.soon))
    told.sent()
    other = Told().queued().sent()
    project(told.events + other.events)
    (totals,) = delivery_log.totals(db, told.tenant_id)
    assert (totals.target_id, totals.attempts, totals.ended) == (told.target_id, 2, 2)
    assert (totals.sent, totals.success_rate, totals.bytes) == (1, 0.5, 2700)
    assert delivery_log.page(db, told.tenant_id, result="failed").items[0].attempt == 1
