"""PostgreSQL restarts, Redis forgets: everything still converges."""

from __future__ import annotations

import time

import psycopg
import pytest
import redis
from tests.faults.rig import BACKGROUND, Rig

from deadwax.application.log import LogUnavailable
from deadwax.infrastructure.embedded import EmbeddedServers

pytestmark = pytest.mark.faults

_FULL = (
    """CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$""",
    *(
        f"""CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table}
            EXECUTE FUNCTION full_disk()"""
        for table in ("events", "leases", "waits", "inbox", "dispatched", "read.agenda")
    ),
)


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


def test_a_full_disk_of_postgres_holds_everything_up_and_loses_nothing(
    rig: Rig, own_servers: EmbeddedServers
) -> None:
    """What the server says when its disk is full, made by a trigger: nothing is stored."""
    rig.start("worker", *BACKGROUND)
    on_the_way = rig.distribute()
    rig.wait_for(on_the_way, "live")
    waiting = rig.distribute()
    with psycopg.connect(rig.environ["DEADWAX_DATABASE_URL"], autocommit=True) as connection:
        for command in _FULL:
            connection.execute(command)
        before = connection.execute("SELECT count(*) FROM events").fetchone()
        with pytest.raises(LogUnavailable):  # after a while, in which all processes try
            rig.distribute()
        assert connection.execute("SELECT count(*) FROM events").fetchone() == before
        connection.execute("DROP FUNCTION full_disk CASCADE")
    rig.wait_for(waiting, "live", 90)
    later = rig.distribute()
    rig.wait_for(later, "live")
    assert len(rig.journal("ingested")) == 3
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
