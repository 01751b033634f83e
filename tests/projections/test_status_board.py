"""The board says where a release stands, on each target and over all of them."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.deliveries import Told

from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem
from deadwax.domain.failures import FailureCategory
from deadwax.projections import release_board, status_board
from deadwax.projections.status_board import BoardRow


def row_of(db: psycopg.Connection, told: Told) -> BoardRow:
    (row,) = release_board.of_release(db, told.tenant_id, told.release_id).distributions
    return row


def test_a_delivery_from_request_to_live(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().sent().answered("accepted").answered("live")
    project(told.events)
    row = row_of(db, told)
    assert (row.status, row.status_group, row.kind) == ("live", "completed", "initial")
    assert (row.attempt, row.message_id, row.mode) == (1, "M1", "live")
    assert row.requested_at < row.sent_at < row.live_at == row.confirmed_at == row.updated_at
    assert row.version == told.distribution.version
    assert (row.error_category, row.due_at, row.removed_at) == (None, None, None)


def test_an_error_shows_until_the_message_is_sent(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().uploading()
    told.tell(
        lambda d: d.fail_attempt(d.token, FailureCategory.NETWORK_TIMEOUT, "no answer", told.soon)
    )
    project(told.events)
    row = row_of(db, told)
    assert (row.status, row.error_category) == ("retrying", "network_timeout")
    assert (row.error_detail, row.due_at) == ("no answer", told.soon)
    told.events.clear()
    project(told.sent().events)
    row = row_of(db, told)
    assert (row.status, row.attempt) == ("processing_by_platform", 2)
    assert (row.error_category, row.error_detail, row.due_at) == (None, None, None)


def test_the_message_stands_while_an_update_says_nothing_new(
    project: Project, db: psycopg.Connection
) -> None:
    told = Told().queued().sent().answered("live")
    project(told.events)
    before = row_of(db, told)
    told.events.clear()
    project(told.tell(lambda d: d.request_update("just in case")).events)
    asked = row_of(db, told)
    assert (asked.status, asked.kind, asked.message_id) == ("updating", "update", "M1")
    told.events.clear()
    told.tell(lambda d: d.start_attempt("worker@a:1", told.soon), lambda d: d.drop_update(d.token))
    project(told.events)
    after = row_of(db, told)
    assert (after.status, after.kind, after.message_id) == ("live", "initial", "M1")
    assert (after.sent_at, after.confirmed_at) == (before.sent_at, before.confirmed_at)


def test_a_takedown_begins_anew_and_ends_removed(project: Project, db: psycopg.Connection) -> None:
    told = Told().queued().sent().answered("live")
    project(told.events)
    live_at = row_of(db, told).live_at
    told.events.clear()
    project(told.tell(lambda d: d.request_takedown("rights lost")).events)
    row = row_of(db, told)
    assert (row.status, row.kind, row.message_id) == ("takedown_requested", "takedown", None)
    assert (row.sent_at, row.confirmed_at, row.live_at) == (None, None, live_at)
    told.events.clear()
    project(told.sent().answered("removed").events)
    row = row_of(db, told)
    assert (row.status, row.status_group) == ("removed", "closed")
    assert row.removed_at == row.updated_at


def test_what_needs_a_person_says_why(project: Project, db: psycopg.Connection) -> None:
    told = Told().tell(
        Distribution.start_validation,
        lambda d: d.need_attention(
            FailureCategory.METADATA_INVALID,
            [Problem("a", "icpn", "No barcode."), Problem("b", "label", "No label.")],
        ),
    )
    rejected = Told(told.tenant_id).queued().sent().answered("rejected", "bad cover")
    project(told.events + rejected.events)
    assert row_of(db, told).error_detail == "No barcode.; No label."
    row = row_of(db, rejected)
    assert (row.status, row.status_group) == ("rejected", "needs_attention")
    assert (row.error_category, row.error_detail) == ("rejected_by_platform", "bad cover")


DONE, OPEN, STUCK, GONE = "live", "queued", "stuck", "cancelled"


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ([], "not_started"),
        ([GONE], "partial"),
        ([DONE, DONE], "completed"),
        ([DONE, GONE], "completed"),
        ([DONE, OPEN], "in_progress"),
        ([DONE, OPEN, STUCK], "needs_attention"),
        ([OPEN], "in_progress"),
    ],
)
def test_the_overall_status_of_a_release(
    states: list[str], expected: str, project: Project, db: psycopg.Connection
) -> None:
    tenant_id, release_id = uuid4(), uuid4()
    for state in states:
        told = Told(tenant_id, release_id)
        if state == STUCK:
            told.queued().sent().answered("rejected")
        elif state == GONE:
            told.tell(lambda d: d.cancel("not wanted"))
        else:
            told.queued()
            if state == DONE:
                told.sent().answered("live")
        project(told.events)
    board = release_board.of_release(db, tenant_id, release_id)
    assert board.overall == expected
    assert sum(board.groups.values()) == sum(board.statuses.values()) == len(states)
    assert release_board.overall_of(db, tenant_id, [release_id]) == {release_id: expected}
    elsewhere = release_board.of_release(db, uuid4(), release_id)
    assert (elsewhere.overall, elsewhere.distributions) == ("not_started", [])


def test_the_board_is_filtered(project: Project, db: psycopg.Connection) -> None:
    first = Told().queued()
    second = Told(first.tenant_id).queued().sent()
    project(first.events + second.events)

    def ids(**filters: object) -> list[object]:
        rows = status_board.page(db, first.tenant_id, **filters).items  # type: ignore[arg-type]
        return [row.distribution_id for row in rows]

    assert ids() == [first.id, second.id]
    assert ids(status="queued") == [first.id]
    assert ids(group="in_progress", target_id=second.target_id) == [second.id]
    assert ids(release_id=first.release_id, kind="takedown") == []
