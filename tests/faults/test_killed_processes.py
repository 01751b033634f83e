"""Whatever is killed, and whenever: nothing is lost and nothing is delivered twice."""

from __future__ import annotations

import pytest
from tests.faults.rig import BACKGROUND, Rig

pytestmark = pytest.mark.faults

STEPS = (
    "saved distribution.attempt_started",
    "saved distribution.upload_started",
    "before the first upload",
    "in the middle of a file",
    "after the resources",
    "before the manifest is published",
    "saved distribution.publishing_started",
    "after the manifest is published",
    "saved distribution.sent",
)


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_delivers_once(rig: Rig, step: str) -> None:
    rig.start(*BACKGROUND)
    doomed = rig.start_crashing("worker", step)
    id = rig.distribute()
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker")
    rig.wait_for(id, "live")
    assert len(rig.journal("ingested")) == 1
    assert rig.journal("duplicate", "rejected") == []
    assert rig.topics(id).count("distribution.sent") == 1
    assert rig.topics(id).count("distribution.went_live") == 1


def test_a_worker_told_to_stop_gives_the_lease_back_at_once(rig: Rig) -> None:
    rig.start(*BACKGROUND)
    stopping = rig.start_crashing("worker", "in the middle of a file", "SIGTERM")
    id = rig.distribute()
    assert stopping.wait(timeout=60) == 0, rig.evidence()
    reasons = [e.reason for e in rig.events(id) if e.TOPIC == "distribution.queued"]
    assert reasons == ["validated", "stopped"]
    rig.start("worker")
    rig.wait_for(id, "live")
    assert len(rig.journal("ingested")) == 1
    assert rig.topics(id).count("distribution.message_composed") == 1


def test_two_workers_on_one_distribution_deliver_once(rig: Rig) -> None:
    rig.start("worker", "worker", *BACKGROUND)
    ids = [rig.distribute() for _ in range(4)]
    for id in ids:
        for _ in range(3):  # more messages than there is work
            rig.wake(id)
    for id in ids:
        rig.wait_for(id, "live")
        assert rig.topics(id).count("distribution.attempt_started") == 1
    assert len(rig.journal("ingested")) == 4
    assert rig.journal("duplicate", "rejected") == []


@pytest.mark.parametrize("name", BACKGROUND)
def test_a_killed_background_process_is_caught_up_with(rig: Rig, name: str) -> None:
    running = dict(zip(BACKGROUND, rig.start(*BACKGROUND), strict=True))
    rig.start("worker")
    rig.wait_for(rig.distribute(), "live")
    running[name].kill()
    id = rig.distribute()
    rig.start(name)
    rig.wait_for(id, "live")
    assert len(rig.journal("ingested")) == 2
