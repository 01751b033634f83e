"""PostgreSQL restarts, Redis forgets: everything still converges."""

from __future__ import annotations

import time

import pytest
import redis
from tests.faults.rig import BACKGROUND, Rig

from deadwax.infrastructure.embedded import EmbeddedServers

pytestmark = pytest.mark.faults


def test_a_restart_of_postgres_loses_and_doubles_nothing(
    rig: Rig, own_servers: EmbeddedServers
) -> None:
    rig.start("worker", *BACKGROUND)
    ids = [rig.distribute() for _ in range(3)]
    own_servers.stop_postgres(immediate=True)
    own_servers.start_postgres()
    ids.append(rig.distribute())
    for id in ids:
        rig.wait_for(id, "live", 90)
    assert len(rig.journal("ingested")) == 4
    assert rig.journal("duplicate", "rejected") == []


def test_a_flushed_redis_loses_nothing(rig: Rig, own_servers: EmbeddedServers) -> None:
    rig.start(*BACKGROUND)
    id = rig.distribute()
    rig.wait_for_position()
    redis.Redis.from_url(own_servers.redis_url).flushall()
    rig.start("worker")
    rig.wait_for(id, "live", 90)
    assert len(rig.journal("ingested")) == 1


def test_a_killed_and_emptied_redis_loses_nothing(rig: Rig, own_servers: EmbeddedServers) -> None:
    rig.start("worker", *BACKGROUND)
    rig.wait_for(rig.distribute(), "live")
    own_servers.stop_redis(kill=True)
    id = rig.distribute()
    time.sleep(1.5)  # long enough for all processes to find the queue gone
    own_servers.start_redis()
    redis.Redis.from_url(own_servers.redis_url).flushall()
    rig.wait_for(id, "live", 90)
    assert len(rig.journal("ingested")) == 2
