"""Redelivery and statuses stated by people, against a platform that takes messages in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.office import Office

from deadwax.domain.choreography import DDEX_BATCH
from deadwax.domain.states import Status
from deadwax.infrastructure.sandbox.arrivals import USUAL


@pytest.fixture
def office(database_url: str, redis_url: str, tmp_path: Path, schemas: Path) -> Iterator[Office]:
    office = Office(tmp_path, database_url, redis_url, schemas, DDEX_BATCH, USUAL)
    yield office
    office.close()


def test_what_a_platform_lost_is_sent_whole_though_nothing_changed(office: Office) -> None:
    id = office.distribute()
    office.work(id)
    office.answered(id, Status.LIVE)
    with office.acting():
        office.container.distributions.update(id, "Nothing changed.")
    assert office.work(id).status is Status.LIVE, "nothing was to be said"

    with office.acting():
        office.container.distributions.redeliver(id, "They lost the files.")
    office.work(id)
    office.answered(id, Status.LIVE)
    first, second = [e.message for e in office.events(id) if hasattr(e, "message")]
    assert second["kind"] == "update"
    assert second["resources"] == first["resources"]
    brought = [[f for f in m["files"] if f["role"] == "resource"] for m in (first, second)]
    assert len(brought[0]) == len(brought[1]) == 3
    assert len(office.journal("ingested")) == 2
    assert office.journal("rejected", "duplicate") == []


def test_a_release_that_others_delivered_is_taken_down_by_us(office: Office) -> None:
    """It was never sent by us; a person knows that the platform has it."""
    id = office.distribute()
    with office.acting():
        distributions = office.container.distributions
        distributions.override(id, Status.LIVE, "From the label's former distributor.")
        distributions.take_down(id, "The label asked for it.")
    office.work(id)
    sent = [e for e in office.events(id) if e.TOPIC == "distribution.sent"]
    assert [e.kind for e in sent] == ["takedown"]
