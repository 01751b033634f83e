"""What ends every worker that touches it: it is parked, and its neighbours are delivered."""

from __future__ import annotations

import threading

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.distribution_state import MOST_DEATHS

pytestmark = pytest.mark.faults


def test_a_message_that_ends_its_workers_is_parked_and_its_neighbours_arrive(rig: Rig) -> None:
    rig.environ["DEADWAX_LEASE_SECONDS"] = "1"
    target = rig.open_target(rig.settings())
    poison = rig.distribute(target=target)
    neighbours = [rig.distribute(target=target) for _ in range(3)]
    rig.start(*BACKGROUND)
    parked, deaths = threading.Event(), 0

    def keep_a_worker_running() -> None:
        nonlocal deaths
        while not parked.is_set():
            worker = rig.start_poisoned("worker", poison)
            while worker.wait(0.05) is None and not parked.is_set():
                pass
            deaths += worker.wait(0) == -9

    keeper = threading.Thread(target=keep_a_worker_running)
    keeper.start()
    try:
        for id in neighbours:
            rig.wait_for(id, "live")
        end = rig.wait_for(poison, "needs_attention", 120)
    finally:
        parked.set()
        keeper.join()
    assert deaths >= MOST_DEATHS
    assert [p["code"] for p in end.last_event.problems] == ["attempts_went_silent"]  # type: ignore[attr-defined]
    assert len(rig.journal("ingested")) == len(neighbours)
    assert rig.journal("duplicate", "rejected") == []
    with rig.acting():
        rig.container.distributions.retry(poison)
    rig.start("worker")
    rig.wait_for(poison, "live")
