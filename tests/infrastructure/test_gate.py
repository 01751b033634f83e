"""What the gate lets pass is counted over all processes, and survives the loss of Redis."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest
import redis
from tests.projections.conftest import Project, db, log, project
from tests.projections.deliveries import Told

from deadwax.application.gate import Ending, Refusal, WaitReason
from deadwax.domain.delivery_policy import Breaker, DeliveryPolicy, Rate
from deadwax.infrastructure.database import open_pool
from deadwax.infrastructure.gate import RedisGate

__all__ = ["db", "log", "project"]

ROOT = Path(__file__).parents[2]
BREAKER = DeliveryPolicy(breaker=Breaker(failures=2, seconds=1))


@pytest.fixture
def target() -> UUID:
    return uuid4()


@pytest.fixture
def gate(database_url: str, redis_url: str, db: psycopg.Connection) -> Iterator[RedisGate]:
    redis.Redis.from_url(redis_url).flushall()
    with open_pool(database_url, size=2, name="test") as pool:
        gate = RedisGate(redis_url, pool, lease=30)
        yield gate
        gate.close()


@pytest.fixture
def aged(redis_url: str) -> Callable[[], None]:
    """Has Redis remember for an hour already, so that nothing can have been lost just now."""

    def age() -> None:
        redis.Redis.from_url(redis_url).hset("deadwax:gate:epoch", "born", "1000")

    return age


def passed(what: str, processes: int, tries: int, *where: str) -> int:
    command = [sys.executable, "-m", "tests.infrastructure.gate_process", what, *where, str(tries)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    running = [subprocess.Popen(command, **pipes) for _ in range(processes)]  # type: ignore[call-overload]
    for process in running:
        assert process.stdout.readline() == "ready\n"
    for process in running:  # all at once
        process.stdin.write("go\n")
        process.stdin.flush()
    return sum(int(process.communicate(timeout=60)[0]) for process in running)


def enter(gate: RedisGate, target: UUID, policy: DeliveryPolicy) -> WaitReason | UUID:
    holder = uuid4()
    refusal = gate.enter(target, holder, policy)
    return refusal.reason if refusal else holder


def fail(gate: RedisGate, target: UUID, policy: DeliveryPolicy = BREAKER) -> str:
    holder = enter(gate, target, policy)
    assert isinstance(holder, UUID)
    return gate.leave(target, holder, policy, Ending.FAILED)


def test_the_rate_is_exact_over_four_processes(
    gate: RedisGate,
    aged: Callable[[], None],
    database_url: str,
    redis_url: str,
    target: UUID,
) -> None:
    assert isinstance(enter(gate, uuid4(), DeliveryPolicy()), UUID)
    aged()
    assert passed("rate", 4, 30, redis_url, database_url, str(target)) == 20


def test_as_many_run_at_once_as_the_target_takes(
    gate: RedisGate, database_url: str, redis_url: str, target: UUID
) -> None:
    assert passed("at_once", 4, 5, redis_url, database_url, str(target)) == 3
    state = gate.state(target)
    assert state is not None
    assert state.at_work == 3


def test_one_of_eight_processes_tries_whether_the_target_is_back(
    gate: RedisGate, database_url: str, redis_url: str, target: UUID
) -> None:
    policy = DeliveryPolicy(at_once=64, breaker=Breaker(failures=1, seconds=1))
    assert fail(gate, target, policy) == "open"
    time.sleep(1.1)
    assert passed("probe", 8, 3, redis_url, database_url, str(target)) == 1


def test_a_place_is_free_again_when_its_holder_left(gate: RedisGate, target: UUID) -> None:
    policy = DeliveryPolicy(at_once=1)
    holder = enter(gate, target, policy)
    assert enter(gate, target, policy) is WaitReason.AT_ONCE
    assert isinstance(holder, UUID)
    gate.leave(target, holder, policy, Ending.UNSAID)
    assert isinstance(enter(gate, target, policy), UUID)


def test_the_breaker_opens_longer_each_time_and_closes_by_what_is_served(
    gate: RedisGate, target: UUID
) -> None:
    assert fail(gate, target) == "closed"
    assert fail(gate, target) == "open"
    assert enter(gate, target, BREAKER) is WaitReason.BREAKER_OPEN
    time.sleep(1.1)
    assert fail(gate, target) == "open"
    state = gate.state(target)
    assert state is not None
    assert 1 < state.open_seconds <= 2
    time.sleep(2.1)
    probe = enter(gate, target, BREAKER)
    assert isinstance(probe, UUID)
    assert enter(gate, target, BREAKER) is WaitReason.BREAKER_OPEN
    assert gate.leave(target, probe, BREAKER, Ending.SERVED) == "closed"
    assert isinstance(enter(gate, target, BREAKER), UUID)


def test_a_probe_that_says_nothing_lets_another_try(gate: RedisGate, target: UUID) -> None:
    fail(gate, target)
    fail(gate, target)
    time.sleep(1.1)
    probe = enter(gate, target, BREAKER)
    assert isinstance(probe, UUID)
    assert gate.leave(target, probe, BREAKER, Ending.UNSAID) == "half_open"
    assert isinstance(enter(gate, target, BREAKER), UUID)


def test_a_target_that_asks_to_be_left_alone_is(gate: RedisGate, target: UUID) -> None:
    holder = enter(gate, target, BREAKER)
    assert isinstance(holder, UUID)
    assert gate.leave(target, holder, BREAKER, Ending.FAILED, shut_for=60) == "open"
    refusal = gate.enter(target, uuid4(), BREAKER)
    assert refusal is not None
    assert refusal.reason is WaitReason.BREAKER_OPEN
    assert 50 < refusal.seconds <= 60


def test_without_redis_nothing_begins(gate: RedisGate, database_url: str, target: UUID) -> None:
    with open_pool(database_url, size=1, name="test") as pool:
        lost = RedisGate("unix:///nowhere/redis.sock", pool, lease=30)
        refusal = lost.enter(target, uuid4(), DeliveryPolicy())
        assert isinstance(refusal, Refusal)
        assert refusal.reason is WaitReason.LIMITS_UNREACHABLE
        lost.close()


def test_a_wiped_redis_allows_no_more_than_the_rate(
    gate: RedisGate,
    redis_url: str,
    aged: Callable[[], None],
    project: Project,
) -> None:
    """What began before is counted again, from the log."""
    policy = DeliveryPolicy(at_once=64, rate=Rate(messages=3, seconds=600))
    told, of_another = (Told().queued().uploading() for _ in range(2))
    target = told.target_id
    project(told.events + of_another.events)
    redis.Redis.from_url(redis_url).flushall()
    assert enter(gate, target, policy) is WaitReason.RATE  # until what just began is in the log
    aged()
    assert isinstance(enter(gate, target, policy), UUID)
    assert isinstance(enter(gate, target, policy), UUID)
    assert enter(gate, target, policy) is WaitReason.RATE


def test_a_wiped_redis_still_knows_who_is_at_work(
    gate: RedisGate, redis_url: str, project: Project
) -> None:
    told = Told().queued().uploading()
    project(told.events)
    redis.Redis.from_url(redis_url).flushall()
    policy = DeliveryPolicy(at_once=2)
    assert isinstance(enter(gate, told.target_id, policy), UUID)
    assert enter(gate, told.target_id, policy) is WaitReason.AT_ONCE
