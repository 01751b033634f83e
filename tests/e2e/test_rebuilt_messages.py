"""The same history gives the same bytes: a sent message can be built again from the log."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest
from tests.faults.rig import Rig

from deadwax.application import evidence
from deadwax.application.errors import NotFound
from deadwax.domain.distribution_events import MessageComposed
from deadwax.domain.release import Release
from deadwax.domain.texts import Name


def test_messages_are_rebuilt_although_the_release_changed_since(rig: Rig) -> None:
    id = rig.distribute()
    for _ in range(2):  # validate, deliver
        rig.container.deliveries.advance(id, lambda: True)
    with rig.acting():
        release = rig.container.catalogue.get(Release, rig.distribution(id).release_id)
        other = replace(release.metadata, title=Name("Renamed since"))
        rig.container.releases.amend(release.id, other, None)
        rig.container.distributions.update(id, "renamed")
    rig.container.deliveries.advance(id, lambda: True)
    rig.take_down(id)
    rig.container.deliveries.advance(id, lambda: True)

    composed = [e.message for e in rig.events(id) if isinstance(e, MessageComposed)]
    assert [m["kind"] for m in composed] == ["initial", "update", "takedown"]
    assert len({m["xml_sha256"] for m in composed}) == 3
    for message in composed:
        rebuilt = evidence.rebuild(rig.container.log, rig.container.composer, message["id"])
        with rig.container.asset_store.open(message["xml_sha256"]) as kept:
            assert rebuilt.xml == kept.read()
        assert rebuilt.equal

    command = [sys.executable, "-m", "deadwax.workers.cli", "ern", "rebuild", composed[0]["id"]]
    done = subprocess.run(command, env=rig.environ, capture_output=True, text=True)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "equal")


def test_a_message_that_never_was_is_not_found(rig: Rig) -> None:
    for id in ("nonsense", f"{rig.tenant_id.hex}.4"):
        with pytest.raises(NotFound):
            evidence.rebuild(rig.container.log, rig.container.composer, id)
