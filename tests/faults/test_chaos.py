"""Everything is killed at random while releases are delivered and taken down."""

from __future__ import annotations

import random
import time

import pytest
import redis
from tests.faults.rig import BACKGROUND, Rig

from deadwax.infrastructure.embedded import EmbeddedServers

pytestmark = pytest.mark.faults

_RELEASES, _KILLS = 8, 20


def test_whatever_is_killed_every_release_is_delivered_and_removed_once(
    rig: Rig, own_servers: EmbeddedServers
) -> None:
    chance = random.Random(20261121)
    names = ["worker", "worker", *BACKGROUND]
    running = rig.start(*names)
    ids = [rig.distribute() for _ in range(_RELEASES)]
    for kill in range(_KILLS):
        time.sleep(chance.uniform(0.2, 1.2))
        victim = chance.randrange(len(names))
        running[victim].kill()
        running[victim].wait()
        (running[victim],) = rig.start(names[victim])
        if kill % 7 == 3:
            redis.Redis.from_url(own_servers.redis_url).flushall()
        if kill == _KILLS // 2:
            own_servers.restart_postgres(immediate=True)
    for id in ids:
        rig.wait_for(id, "live", 180)
    for id in ids:
        rig.take_down(id)
    for id in ids:
        rig.wait_for(id, "removed", 180)
        assert rig.topics(id).count("distribution.went_live") == 1
    assert len(rig.journal("ingested")) == 2 * _RELEASES
    assert rig.journal("duplicate", "rejected") == []
