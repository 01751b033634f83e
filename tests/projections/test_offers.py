"""The feed of a platform that pulls lists what it may fetch and has not answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.deliveries import FILES, Told
from tests.projections.histories import History

from deadwax.application.pull import offered
from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.collection import Collection, CollectionFinished
from deadwax.domain.distribution import Distribution
from deadwax.domain.distribution_events import Accepted, WentLive
from deadwax.domain.failures import FailureCategory
from deadwax.projections import offers


def _distributions(events: Sequence[Event]) -> Iterator[Distribution]:
    found: dict[UUID, Any] = {}
    for event in events:
        found[event.originator_id] = event.mutate(found.get(event.originator_id))
    yield from (root for root in found.values() if isinstance(root, Distribution))


@pytest.mark.parametrize("seed", range(11, 14))
def test_the_feed_is_what_the_log_says(seed: int, project: Project, db: psycopg.Connection) -> None:
    events = [event for command in History(seed).commands(2500) for event in command]
    project(events)
    done = {e.message_id for e in events if isinstance(e, Accepted | WentLive | CollectionFinished)}
    listed = 0
    for d in _distributions(events):
        page = offers.feed(db, d.tenant_id, d.target_id, 0, 1000)
        in_feed = [row.message_id for row in page.entries if row.distribution_id == d.id]
        now = offered(d)
        if d.target_id.int % 2 or now is None or now["id"] in done:  # its platform does not pull
            assert in_feed == []
        elif now is d.message:
            assert in_feed == [now["id"]]
        else:  # an update was found unsent: the message before may be fetched, not announced
            assert in_feed in ([], [now["id"]])
        listed += len(in_feed)
    assert listed > 0


class Pulled(Told):
    def composed(self, message_id: str) -> Pulled:
        message = {
            "id": message_id,
            "files": FILES,
            "choreography": "web_service 1.7",
            "target_id": str(self.target_id),
        }
        self.tell(
            lambda d: d.start_attempt("worker@a:1", self.soon),
            lambda d: d.compose(d.token, message),
            lambda d: d.start_upload(d.token),
        )
        return self

    def offering(self, message_id: str) -> Pulled:
        self.composed(message_id).tell(lambda d: d.start_publishing(d.token))
        return self

    def listed(self, db: psycopg.Connection) -> list[str | None]:
        page = offers.feed(db, self.tenant_id, self.target_id, 0, 10)
        return [row.message_id for row in page.entries]


def _told(project: Project, told: Told) -> None:
    project(told.events)
    told.events = []


def test_an_entry_comes_with_publishing_and_is_replaced_by_that_of_an_update(
    project: Project, db: psycopg.Connection
) -> None:
    told = Pulled()
    told.queued()
    told.composed("M1")
    _told(project, told)
    assert told.listed(db) == []
    told.tell(lambda d: d.start_publishing(d.token))
    _told(project, told)
    assert told.listed(db) == ["M1"]  # a worker killed now has offered it all the same
    told.tell(
        lambda d: d.confirm_sent(d.token, {}, expects_answer=False),
        lambda d: d.request_update("a new title"),
    )
    told.composed("M2")
    _told(project, told)
    assert told.listed(db) == ["M1"]
    told.tell(lambda d: d.start_publishing(d.token))
    _told(project, told)
    assert told.listed(db) == ["M2"]
    told.tell(
        lambda d: d.confirm_sent(d.token, {}, expects_answer=False),
        lambda d: d.request_takedown("rights lost"),
    )
    _told(project, told)
    assert told.listed(db) == []


def test_an_update_that_fails_before_it_is_composed_leaves_the_entry(
    project: Project, db: psycopg.Connection
) -> None:

    told = Pulled()
    told.queued()
    told.offering("M1").tell(
        lambda d: d.confirm_sent(d.token, {}, expects_answer=False),
        lambda d: d.request_update("a new title"),
        lambda d: d.start_attempt("worker@a:1", told.soon),
        lambda d: d.fail_attempt(d.token, FailureCategory.UNKNOWN, "x", datetime.now(UTC)),
    )
    _told(project, told)
    assert told.listed(db) == ["M1"]


def test_the_feed_has_pages_and_says_when_it_changed(
    project: Project, db: psycopg.Connection
) -> None:
    first = Pulled()
    several = [first] + [Pulled(first.tenant_id) for _ in range(2)]
    for n, told in enumerate(several):
        told.target_id = first.target_id
        told.queued()
        told.offering(f"M{n}")
        _told(project, told)
    page = offers.feed(db, first.tenant_id, first.target_id, 0, 2)
    assert ([row.message_id for row in page.entries], page.more) == (["M0", "M1"], True)
    after = page.entries[-1].offered_position
    assert after is not None
    rest = offers.feed(db, first.tenant_id, first.target_id, after, 2)
    assert ([row.message_id for row in rest.entries], rest.more) == (["M2"], False)
    with acting(Cause(first.tenant_id, "key:1", "c")):
        collection = Collection.begin("M1", first.target_id, several[1].id)
        collection.finish()
        project(list(collection.collect_events()))  # type: ignore[arg-type]
    left = offers.feed(db, first.tenant_id, first.target_id, 0, 2)
    assert [row.message_id for row in left.entries] == ["M0", "M2"]
    assert left.changed_at is not None
    assert page.changed_at is not None
    assert left.changed_at > page.changed_at
    assert offers.feed(db, first.tenant_id, first.tenant_id, 0, 2).changed_at is None
