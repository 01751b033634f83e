"""A worker that is killed in the middle of a bulk job: nothing is lost and nothing is doubled."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid4

import pytest
from tests.faults.rig import Rig

from deadwax.application.bulk_selection import Selection
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_terms import BulkAction, BulkOrder
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release import Release
from deadwax.domain.texts import Name

pytestmark = pytest.mark.faults

_RELEASES, _TARGETS = 60, 20


def test_a_bulk_job_survives_its_workers(rig: Rig) -> None:
    rig.start("dispatcher", "projector", "scheduler")
    with rig.acting():
        releases = _approved(rig)
        targets = tuple(rig.open_target(rig.settings()) for _ in range(_TARGETS))
        order = BulkOrder(action=BulkAction.DISTRIBUTE, reason=Name("All of it."))
        job, _ = rig.container.bulk.plan(
            order, Selection(release_ids=releases, target_ids=targets), run_when_checked=True
        )
    for step in ("saved bulk.items_checked", "saved bulk.items_carried_out"):
        doomed = rig.start_crashing("worker", step)
        assert doomed.wait(timeout=60) == -9, rig.evidence()
    rig.start("worker", "worker")
    rig.wait_until(lambda: _status(rig, job.id) == "finished", "the job is finished", 90)
    wanted = {distribution_id(r, t) for r in releases for t in targets}
    with rig.container.pool.connection() as connection:
        rows = connection.execute(
            "SELECT stream_id FROM events WHERE type = 'distribution.requested'"
        ).fetchall()
    assert Counter(id for (id,) in rows) == Counter(wanted)
    bits = [e for e in rig.events(job.id) if e.TOPIC == "bulk.items_carried_out"]
    assert sum(bit.tally["done"] for bit in bits) == len(wanted)


def _approved(rig: Rig) -> tuple[UUID, ...]:
    assets = rig.container.catalogue.assets(rig.tenant_id, rig.metadata())
    releases = [Release.draft(uuid4(), rig.metadata()) for _ in range(_RELEASES)]
    for release in releases:
        release.submit(assets)
        release.approve()
    rig.container.catalogue.save(*releases)
    return tuple(release.id for release in releases)


def _status(rig: Rig, id: UUID) -> str:
    found = rig.container.catalogue.find(BulkJob, id)
    assert found
    return found.status.value
