"""Files that wait to be measured, when those who measure them are killed."""

from __future__ import annotations

import pytest
from redis import Redis
from tests import material
from tests.faults.rig import BACKGROUND, Rig

from deadwax.domain.assets import Asset
from deadwax.domain.identifiers import asset_id
from deadwax.workers.broker import ANALYSE, open_broker, send

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


def test_files_are_measured_once_although_the_queue_was_wiped_and_two_workers_race(
    rig: Rig,
) -> None:
    ids = []
    for seed in (8, 9):
        path = rig.home / f"{seed}.flac"
        path.write_bytes(material.recording(seed))
        with rig.acting():
            facts, _ = rig.container.assets.take_in(str(path), path.name, None, None)
        ids.append(asset_id(rig.tenant_id, facts.sha256))
    rig.start(*BACKGROUND)
    rig.wait_for_position()
    with Redis.from_url(rig.environ["DEADWAX_REDIS_URL"]) as redis:
        redis.flushall()
    with rig.container.pool.connection() as connection:
        connection.execute("UPDATE analyses SET asked_at = asked_at - interval '10 minutes'")
    broker = open_broker(rig.environ["DEADWAX_REDIS_URL"])
    for _ in range(6):
        send(broker, ANALYSE, ids[1])
    broker.close()
    rig.start("worker", "worker")

    def measured() -> bool:
        return all(len(rig.topics(id)) > 1 for id in ids)

    rig.wait_until(measured, "both files are measured", 60)
    assert [rig.topics(id) for id in ids] == [["asset.stored", "asset.analysed"]] * 2
