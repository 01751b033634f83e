"""Several releases in one batch: each is delivered once, whatever becomes of the others."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.choreography import Gathering
from deadwax.domain.choreography_versions import ChoreographyKind, ChoreographyVersion
from deadwax.domain.states import Status

pytestmark = pytest.mark.faults

MANY = 20
"""Releases: more than two workers have threads for."""


def messages(rig: Rig, ids: list[UUID]) -> list[dict[str, Any]]:
    return [message for id in ids if (message := rig.distribution(id).message)]


def batches(rig: Rig, ids: list[UUID]) -> set[str]:
    return {message["batch_id"] for message in messages(rig, ids)}


@pytest.mark.parametrize(
    ("version", "status"),
    [
        # 1.6 knows that a message was taken, not that it is live.
        pytest.param(ChoreographyVersion.V16, "distributed", id="1.6"),
        pytest.param(ChoreographyVersion.V18, "live", id="1.8"),
    ],
)
def test_many_releases_go_in_one_batch(rig: Rig, version: ChoreographyVersion, status: str) -> None:
    rig.answer_in(version.value)
    target = rig.target_that(version=version, gathering=Gathering(most=MANY, seconds=60))
    ids = [rig.distribute(target=target) for _ in range(MANY)]
    rig.start("worker", "worker", *BACKGROUND)
    for id in ids:
        rig.wait_for(id, status, 120)
    assert len(batches(rig, ids)) == 1
    (batch,) = rig.journal("ingested")
    assert len(batch["messages"]) == MANY
    assert rig.journal("duplicate", "rejected") == []
    for id in ids:
        rig.take_down(id)
    for id in ids:
        rig.wait_for(id, "removed", 120)
    assert {t for id in ids for t in rig.topics(id) if t.endswith("attempt_failed")} == set()


def test_many_releases_go_one_by_one(rig: Rig) -> None:
    target = rig.target_that(kind=ChoreographyKind.RELEASE_BY_RELEASE)
    ids = [rig.distribute(target=target) for _ in range(MANY)]
    rig.start("worker", "worker", *BACKGROUND)
    for id in ids:
        rig.wait_for(id, "live", 120)
    assert len(batches(rig, ids)) == MANY
    assert len(rig.journal("ingested")) == MANY
    assert rig.journal("duplicate", "rejected") == []


def test_a_batch_goes_when_the_first_has_waited_long_enough(rig: Rig) -> None:
    target = rig.target_that(gathering=Gathering(most=50, seconds=3))
    rig.start("worker", *BACKGROUND)
    ids = [rig.distribute(target=target) for _ in range(3)]
    for id in ids:
        rig.wait_for(id, "live")
    assert len(batches(rig, ids)) == 1


@pytest.mark.parametrize(
    "step",
    [
        "in the middle of a file",
        "saved distribution.publishing_started",
        "after the manifest is published",
    ],
)
def test_a_worker_killed_with_a_batch_delivers_each_release_once(rig: Rig, step: str) -> None:
    target = rig.target_that(gathering=Gathering(most=4, seconds=2))
    ids = [rig.distribute(target=target) for _ in range(4)]
    doomed = rig.start_crashing("worker", step)
    rig.start(*BACKGROUND)
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker", "worker")
    for id in ids:
        rig.wait_for(id, "live")
        assert rig.topics(id).count("distribution.went_live") == 1
    assert sum(len(batch["messages"]) for batch in rig.journal("ingested")) == 4
    assert rig.journal("duplicate", "rejected") == []


def test_what_cannot_be_composed_does_not_hold_up_the_others(rig: Rig) -> None:
    target = rig.target_that(gathering=Gathering(most=3, seconds=60))
    rig.start("dispatcher", "projector")
    ids = [rig.distribute(target=target) for _ in range(3)]
    for id in ids:
        rig.container.deliveries.advance(id, lambda: True)  # validate
        assert rig.distribution(id).status is Status.QUEUED
    with rig.acting():
        release_id = rig.distribution(ids[0]).release_id
        rig.container.releases.archive(release_id, "sold", None)
    rig.start("worker", "scheduler")
    for id in ids[1:]:
        rig.wait_for(id, "live")
    assert rig.wait_for(ids[0], "needs_attention").message is None
    (batch,) = rig.journal("ingested")
    assert len(batch["messages"]) == 2


def test_what_is_cancelled_on_the_way_leaves_the_batch(rig: Rig) -> None:
    target = rig.target_that(gathering=Gathering(most=3, seconds=2))
    ids = [rig.distribute(target=target) for _ in range(3)]
    stopping = rig.start_crashing("worker", "in the middle of a file", "SIGSTOP")
    rig.start(*BACKGROUND)
    rig.wait_for(ids[0], "uploading")
    with rig.acting():
        rig.container.distributions.cancel(ids[0], "not ours")
    stopping.kill()
    rig.start("worker")
    for id in ids[1:]:
        rig.wait_for(id, "live")
    assert rig.distribution(ids[0]).status is Status.CANCELLED
    assert sum(len(batch["messages"]) for batch in rig.journal("ingested")) == 2


def test_a_takedown_overtakes_what_still_gathers(rig: Rig) -> None:
    target = rig.target_that(gathering=Gathering(most=2, seconds=86_400))
    rig.start("worker", *BACKGROUND)
    ids = [rig.distribute(target=target) for _ in range(2)]
    for id in ids:
        rig.wait_for(id, "live")
    waiting = rig.distribute(target=target)
    rig.wait_for(waiting, "queued")
    rig.take_down(ids[0])
    rig.wait_for(ids[0], "removed")
    assert rig.distribution(waiting).status is Status.QUEUED
    another = rig.distribute(target=target)
    for id in (waiting, another):
        rig.wait_for(id, "live")
    assert batches(rig, [waiting, another]) == batches(rig, [another])
    assert rig.journal("duplicate", "rejected") == []
