"""Everything is killed and cut at random during a busy day: nothing is lost, nothing doubled,
nothing stuck.

DEADWAX_CHAOS_SEED and DEADWAX_CHAOS_STRIKES choose another day, and how much of it breaks.
"""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import replace
from uuid import UUID

import psycopg
import pytest
import redis
from tests.faults.chaos import Day, Havoc
from tests.faults.rig import Rig
from tests.projections.rows import all_rows

from deadwax.application.receipts import canonical, read_receipt, receipts_among
from deadwax.domain.delivery_policy import Breaker, DeliveryPolicy
from deadwax.domain.target import TargetSettings
from deadwax.infrastructure.couriers.fault_proxy import FaultProxy
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.sandbox.dsp import SandboxDsp
from deadwax.infrastructure.signing import is_signed
from deadwax.projections.positions import wait_for
from deadwax.projections.registry import PROJECTIONS
from deadwax.workers.broker import MEDIA, ORDINARY, URGENT, WHOLESALE
from deadwax.workers.projector import rebuild_projections

pytestmark = pytest.mark.faults

SEED = int(os.environ.get("DEADWAX_CHAOS_SEED", "20261121"))
STRIKES = int(os.environ.get("DEADWAX_CHAOS_STRIKES", "200"))
_RELEASES = 24
_STUCK = """
    SELECT distribution_id, status FROM read.agenda
    WHERE step IS NOT NULL OR lease_until IS NOT NULL OR status = 'processing_by_platform'
    UNION ALL SELECT distribution_id, 'leased' FROM leases WHERE expires_at > now()"""


def test_whatever_breaks_nothing_is_lost_doubled_or_stuck(
    rig: Rig, own_servers: EmbeddedServers
) -> None:
    print(f"DEADWAX_CHAOS_SEED={SEED} DEADWAX_CHAOS_STRIKES={STRIKES}")  # noqa: T201
    chance = random.Random(SEED)
    folder_dsp, by_folder = rig.folder_dsp()
    with FaultProxy(rig.dsp.host, rig.dsp.port) as proxy:
        by_sftp = rig.settings(proxy.host, proxy.port)
        targets = [rig.open_target(_impatient(s)) for s in (by_sftp, by_folder)]
        day, havoc = Day(rig, chance, _RELEASES, targets), Havoc(rig, own_servers, proxy, chance)
        for strike in range(STRIKES):
            day.go_on(strike / STRIKES)
            havoc.strike()
        havoc.calm()
        rig.wait_until(lambda: day.finish(), "everything was asked for", 120)
        _nothing_is_lost(rig, day)
        _nothing_is_stuck(rig, own_servers)
        havoc.stop()
    print(dict(havoc.done))  # noqa: T201
    assert sum(havoc.done.values()) == STRIKES
    _nothing_is_doubled(rig, day, {targets[0]: rig.dsp, targets[1]: folder_dsp})
    _all_is_attested(rig, day)
    _a_rebuild_says_the_same(rig)


def _impatient(settings: TargetSettings) -> TargetSettings:
    """Nobody wants to wait for a minute here each time that the breaker opens."""
    policy = DeliveryPolicy(breaker=Breaker(failures=5, seconds=1), poll_seconds=1)
    return replace(settings, policy=policy)


def _nothing_is_lost(rig: Rig, day: Day) -> None:
    for id in day.ids:
        rig.wait_for(id, "removed" if id in day.removed else "live", 120)


def _nothing_is_stuck(rig: Rig, servers: EmbeddedServers) -> None:
    client = redis.Redis.from_url(servers.redis_url)

    def waiting() -> int:
        return sum(
            client.llen(f"dramatiq:{queue}") for queue in (ORDINARY, URGENT, WHOLESALE, MEDIA)
        )

    with rig.container.pool.connection() as connection:
        connection.autocommit = True
        rig.wait_until(lambda: not connection.execute(_STUCK).fetchall(), "the agenda is empty")
    rig.wait_until(lambda: waiting() == 0, "the queue is empty")


def _nothing_is_doubled(rig: Rig, day: Day, dsps: dict[UUID, SandboxDsp]) -> None:
    """Each DSP took in exactly the messages that were sent, each once."""
    sent: dict[UUID, list[str]] = {target: [] for target in dsps}
    for id in day.ids:
        events = rig.events(id)
        own = [e.message_id for e in events if e.TOPIC == "distribution.sent"]
        kinds = Counter(e.kind for e in events if e.TOPIC == "distribution.sent")
        assert kinds["initial"] == 1
        assert kinds["update"] == day.updated[id]
        assert kinds["takedown"] == (id in day.removed)
        sent[rig.distribution(id).target_id] += own
    for target, dsp in dsps.items():
        taken = [
            message["message_id"]
            for batch in rig.journal("ingested", of=dsp)
            for message in batch["messages"]
        ]
        assert Counter(taken) == Counter(sent[target])
        assert rig.journal("duplicate", "rejected", of=dsp) == []


def _all_is_attested(rig: Rig, day: Day) -> None:
    for id in day.ids:
        events = rig.events(id)
        kept = receipts_among(events)
        by_answer = [
            e for e in events if e.TOPIC == "distribution.sent" and "receipt" not in e.evidence
        ]
        assert len(kept) + len(by_answer) == len(
            [e for e in events if e.TOPIC == "distribution.sent"]
        )
        for one in kept:
            _, document = read_receipt(
                rig.container.log, rig.container.asset_store, id, one.message_id
            )
            assert is_signed(canonical(document), one.signature, document["key"]["public_key"])


def _a_rebuild_says_the_same(rig: Rig) -> None:
    url = rig.environ["DEADWAX_DATABASE_URL"]
    with psycopg.connect(url, autocommit=True) as connection:
        head = connection.execute("SELECT max(position) FROM events").fetchone()
        assert head
        wait_for(connection, head[0], [projection.name for projection in PROJECTIONS], 30)
        live = all_rows(connection)
        rebuild_projections(url, PROJECTIONS)
        rebuilt = all_rows(connection)
    for table, rows in rebuilt.items():
        assert rows == live[table], table
