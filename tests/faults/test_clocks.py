"""Machines whose clock jumps: times are the database's, so nothing is sent early, late or twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy

pytestmark = pytest.mark.faults

_HOUR = 3600
_SLACK = timedelta(seconds=2)


@pytest.mark.parametrize("hours", [2, -2, 24, -24])
def test_machines_whose_clock_jumps_deliver_once_and_stamp_the_right_time(
    rig: Rig, hours: int
) -> None:
    """In the middle of a delivery, with a retry ahead."""
    clock = rig.home / "clock"
    processes = ("worker", *BACKGROUND)
    rig.start_with_clock(clock, *processes)
    begun = datetime.now(UTC)
    with FaultProxy(rig.dsp.host, rig.dsp.port) as proxy:
        proxy.behave(Behaviour.FREEZE, 700_000)
        id = rig.distribute(proxy.host, proxy.port)
        rig.wait_for(id, "uploading")
        (rig.home / "set").write_text(str(hours * _HOUR))
        (rig.home / "set").rename(clock)
        rig.wait_until(
            lambda: len(list(rig.home.glob("clock.*"))) == len(processes), "all clocks are wrong"
        )
        rig.wait_until(lambda: "distribution.attempt_failed" in rig.topics(id), "it failed once")
        proxy.behave(Behaviour.PASS)
        rig.wait_for(id, "live")
    after = rig.distribute()
    rig.wait_for(after, "live")
    for event in [*rig.events(id), *rig.events(after)]:
        assert begun - _SLACK < event.timestamp < datetime.now(UTC) + _SLACK
    assert len(rig.journal("ingested")) == 2
    assert rig.journal("duplicate", "rejected") == []
