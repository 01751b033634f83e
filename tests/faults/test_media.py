"""Files that wait to be measured, when those who measure them are killed."""

from __future__ import annotations

import pytest
from tests import material
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.assets import Asset
from deadwax.domain.identifiers import asset_id

pytestmark = pytest.mark.faults


def test_a_file_whose_worker_was_killed_is_measured_by_the_next(rig: Rig) -> None:
    path = rig.home / "01.flac"
    path.write_bytes(material.recording(7))
    with rig.acting():
        facts, _ = rig.container.assets.take_in(str(path), path.name, None, None)
    assert facts.awaits_analysis
    id = asset_id(rig.tenant_id, facts.sha256)
    doomed = rig.start_crashing("worker", "before an analysis is noted")
    rig.start(*BACKGROUND)
    assert doomed.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker")

    def measured() -> bool:
        asset = rig.container.catalogue.find(Asset, id)
        return asset is not None and asset.facts.analysis is not None

    rig.wait_until(measured, "the file is measured", 60)
    assert [event.TOPIC for event in rig.events(id)] == ["asset.stored", "asset.analysed"]
