"""A worker that is frozen just before it publishes, and goes on when others have gone on."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest
from tests.faults.rig import Rig

from deadwax.domain.states import Status
from deadwax.domain.texts import Name

pytestmark = pytest.mark.faults


def test_a_frozen_worker_publishes_nothing_that_was_replaced_meanwhile(rig: Rig) -> None:
    """No server knows of leases: what it would have published has to be gone."""
    rig.start("dispatcher", "projector")
    frozen = rig.start_crashing("worker", "before the manifest is published", "SIGSTOP")
    id = rig.distribute()
    rig.wait_until(lambda: any(rig.home.glob("crashed-*")), "the worker is frozen")
    deliveries = rig.container.deliveries
    deliveries.reclaim(id, rig.distribution(id).token)
    assert rig.distribution(id).status is Status.OUTCOME_UNKNOWN
    deliveries.advance(id, lambda: True)
    assert rig.distribution(id).status is Status.QUEUED, "it was looked for, and is not there"
    with rig.acting():
        target_id = rig.distribution(id).target_id
        settings = rig.container.targets.get(target_id).settings
        renamed = replace(settings, platform=Name("Renamed"))
        rig.container.targets.amend(target_id, renamed, None)
    first = rig.distribution(id).message
    # The place of the frozen worker at the target has to run out first.
    rig.wait_until(lambda: deliveries.advance(id, lambda: True) is None, "there is a place")
    second = rig.distribution(id).message
    assert first
    assert second
    assert second["supersedes"] == first["id"]

    frozen.send_signal(signal.SIGCONT)
    rig.start("scheduler")
    rig.wait_for(id, "live")
    log = Path(rig.home / "worker.log")
    rig.wait_until(lambda: "overtaken" in log.read_text(), "the frozen worker has noticed")
    other = rig.distribute()  # what the first batch would have led to comes before it
    rig.wait_for(other, "live")
    messages = (second, rig.distribution(other).message or {})
    taken = sorted(batch["batch"] for batch in rig.journal("ingested"))
    assert taken == sorted(f"N_{message['batch_id']}" for message in messages)
    assert rig.journal("duplicate", "rejected") == []
