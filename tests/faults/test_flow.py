"""What is held back waits without attempts, and goes when it may."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.delivery_policy import Breaker, DeliveryPolicy, Rate

pytestmark = pytest.mark.faults


def test_pauses_hold_back_what_is_new_and_no_takedown_of_a_paused_tenant(rig: Rig) -> None:
    target = rig.open_target(rig.settings())
    rig.start("worker", *BACKGROUND)
    live = rig.distribute(target=target)
    rig.wait_for(live, "live")
    with rig.acting():
        rig.container.pauses.pause_tenant(rig.tenant_id, "unpaid", None)
    held = rig.distribute(target=target)
    rig.wait_for(held, "queued")
    rig.take_down(live)
    rig.wait_for(live, "removed")
    assert rig.distribution(held).attempt == 0
    with rig.acting():
        rig.container.pauses.pause_target(target, "they move house", None)
        rig.container.pauses.resume_tenant(rig.tenant_id)
    with rig.acting():
        rig.container.pauses.resume_target(target)
    rig.wait_for(held, "live")


def test_a_rate_lets_no_more_pass_and_waiting_is_no_attempt(rig: Rig) -> None:
    policy = DeliveryPolicy(rate=Rate(messages=2, seconds=600))
    target = rig.open_target(replace(rig.settings(), policy=policy))
    rig.start("worker", "worker", *BACKGROUND)
    ids = [rig.distribute(target=target) for _ in range(5)]

    def two_are_live() -> bool:
        return [rig.distribution(id).status for id in ids].count("live") == 2  # type: ignore[arg-type]

    rig.wait_until(two_are_live, "two are live")
    assert sorted(rig.distribution(id).attempt for id in ids) == [0, 0, 0, 1, 1]


def test_an_open_breaker_stops_attempts_until_the_target_is_back(rig: Rig) -> None:
    policy = DeliveryPolicy(breaker=Breaker(failures=2, seconds=3))
    target = rig.open_target(replace(rig.settings(), policy=policy))
    rig.dsp.stop()
    rig.start("worker", *BACKGROUND)
    ids = [rig.distribute(target=target) for _ in range(2)]

    def is_open() -> bool:
        state = rig.container.gate.state(target)
        return state is not None and state.breaker == "open"

    rig.wait_until(is_open, "the breaker is open")
    rig.dsp.start()
    for id in ids:
        rig.wait_for(id, "live")
    assert rig.container.gate.state(target).breaker == "closed"  # type: ignore[union-attr]
