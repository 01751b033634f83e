"""An SFTP server that refuses, hangs or drops out: the delivery waits, resumes, and is one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.faults.rig import BACKGROUND, Rig

from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy

pytestmark = pytest.mark.faults

_MIDDLE = 700_000  # bytes: in the middle of the first track


@pytest.mark.parametrize(
    ("behaviour", "after"),
    [
        (Behaviour.REFUSE, 0),
        (Behaviour.HANG, 0),
        (Behaviour.CUT, _MIDDLE),
        (Behaviour.FREEZE, _MIDDLE),
    ],
    ids=["refuses", "hangs", "closes mid-file", "freezes mid-file"],
)
def test_a_server_that_misbehaves_for_a_while(rig: Rig, behaviour: Behaviour, after: int) -> None:
    with FaultProxy(rig.dsp.host, rig.dsp.port) as proxy:
        proxy.behave(behaviour, after)
        rig.start("worker", *BACKGROUND)
        id = rig.distribute(proxy.host, proxy.port)
        rig.wait_until(lambda: "distribution.attempt_failed" in rig.topics(id), "an attempt failed")
        proxy.behave(Behaviour.PASS)
        rig.wait_for(id, "live")
    assert len(rig.journal("ingested")) == 1
    assert rig.journal("duplicate", "rejected") == []
    assert rig.topics(id).count("distribution.message_composed") == 1


def test_the_same_acknowledgement_twice_and_late_changes_nothing(rig: Rig) -> None:
    rig.start("worker", *BACKGROUND)
    id = rig.distribute()
    rig.wait_for(id, "live")
    folder = Path(rig.dsp.describe()["upload"]) / "acknowledgements"
    for file in sorted(folder.glob("ACK_*.xml")):
        shutil.copy(file, file.with_name(file.stem + "0.xml"))
    rig.take_down(id)
    removed = rig.wait_for(id, "removed")
    before = len(rig.topics(id))
    for file in sorted(folder.glob("ACK_*.xml")):
        shutil.copy(file, file.with_name(file.stem + "1.xml"))
    rig.container.follow_up.poll(removed.target_id)
    assert rig.unread_files() == 0
    assert rig.distribution(id).status == "removed"
    assert len(rig.topics(id)) == before
    assert removed.kind == "takedown"
