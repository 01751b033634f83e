"""Whatever is killed, and whenever: nothing is lost and nothing is delivered twice."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.crashing_process import STEPS
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.texts import Name

pytestmark = pytest.mark.faults

ACKS = "acknowledgements"
OF_FAILURE = ("distribution.requested", "distribution.outcome_became_unknown")
SAVED = tuple(
    f"saved distribution.{name}"
    for name in (
        *("validation_started", "queued", "attempt_started", "message_composed"),
        *("upload_started", "publishing_started", "sent", "accepted", "went_live"),
    )
)
OF_ANOTHER_DELIVERY = (
    "before an analysis is noted",
    "in the middle of a rendition",
    "after a leftover is removed",
    "before an outcome is looked for",
    "after an outcome is found",
)


@pytest.mark.parametrize("step", [*SAVED, *(s for s in STEPS if s not in OF_ANOTHER_DELIVERY)])
def test_a_worker_killed_at_any_step_delivers_once(rig: Rig, step: str) -> None:
    rig.start(*BACKGROUND)
    doomed = rig.start_crashing("worker", step)
    id = rig.distribute()
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker")
    rig.wait_for(id, "live")
    topics = rig.topics(id)
    assert len(rig.journal("ingested")) == 1
    assert rig.journal("duplicate", "rejected") == []
    assert topics.count("distribution.sent") == 1
    assert topics.count("distribution.went_live") == 1
    assert {f"saved {topic}" for topic in topics if topic not in OF_FAILURE} <= set(SAVED)


def test_a_worker_killed_while_it_clears_up_leaves_nothing_behind(rig: Rig) -> None:
    rig.start(*BACKGROUND)
    first = rig.start_crashing("worker", "after the manifest is uploaded")
    id = rig.distribute()
    assert first.wait(timeout=60) == -9, rig.evidence()
    with rig.acting():
        release = rig.container.releases.get(rig.distribution(id).release_id)
        renamed = replace(release.metadata, title=Name("Renamed"))
        rig.container.releases.amend(release.id, renamed, None)
    second = rig.start_crashing("worker", "after a leftover is removed")
    assert second.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker")
    live = rig.wait_for(id, "live")
    assert live.message
    assert live.message["supersedes"]
    assert len(rig.journal("ingested")) == 1
    upload = Path(rig.dsp.describe()["upload"])
    assert [file for file in upload.rglob("*") if file.is_file() and file.parent.name != ACKS] == []


@pytest.mark.parametrize("step", ["before an outcome is looked for", "after an outcome is found"])
def test_a_worker_killed_while_it_looks_for_an_outcome_sends_nothing_again(
    rig: Rig, step: str
) -> None:
    rig.keep_what_arrived()
    rig.start(*BACKGROUND)
    first = rig.start_crashing("worker", "after the manifest is published")
    id = rig.distribute()
    assert first.wait(timeout=60) == -9, rig.evidence()
    second = rig.start_crashing("worker", step)
    assert second.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker")
    rig.wait_for(id, "live")
    assert rig.topics(id).count("distribution.upload_started") == 1
    assert rig.topics(id).count("distribution.sent") == 1
    assert len(rig.journal("ingested")) == 1


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
