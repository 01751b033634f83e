"""The gate in Redis: one script decides, so that limits hold over all processes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from importlib.resources import files
from typing import Any
from uuid import UUID

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout
from redis import Redis
from redis.exceptions import RedisError

from deadwax.application.gate import Ending, GateState, Refusal, WaitReason
from deadwax.domain.delivery_policy import DeliveryPolicy, Rate
from deadwax.projections.agenda import Agenda
from deadwax.projections.delivery_log import DeliveryLog
from deadwax.projections.positions import ReadModelBehind, wait_for

Pool = ConnectionPool[psycopg.Connection]

_PREFIX = "deadwax:gate:"
_TIMEOUT_SECONDS = 3.0
_ASK_AGAIN_SECONDS = 2.0
_LONGEST_OPEN_SECONDS = 3600
_SCRIPT = (files("deadwax.infrastructure") / "gate.lua").read_text(encoding="utf-8")

_AT_WORK = """
    SELECT distribution_id, extract(epoch FROM coalesce(l.expires_at, a.lease_until) - now())
    FROM read.agenda a LEFT JOIN leases l USING (distribution_id, token)
    WHERE a.target_id = %s AND a.token IS NOT NULL
      AND coalesce(l.expires_at, a.lease_until) > now()"""
_STARTED = """
    SELECT extract(epoch FROM now() - started_at) FROM read.delivery_log
    WHERE target_id = %s AND started_at > now() - make_interval(secs => %s)
    ORDER BY started_at DESC LIMIT %s"""


class RedisGate:
    """`lease` is how long a place is held for a process that died, in seconds.

    What Redis forgets is counted again from the log: a lost memory lets nothing pass that the
    limits forbid. The breaker's state is not in the log; lost, it is closed."""

    def __init__(self, url: str, pool: Pool, lease: float) -> None:
        self._redis = Redis.from_url(
            url, socket_timeout=_TIMEOUT_SECONDS, socket_connect_timeout=_TIMEOUT_SECONDS
        )
        self._script = self._redis.register_script(_SCRIPT)
        self._pool, self._lease = pool, lease
        self._held: dict[UUID, UUID] = {}
        self._closed = threading.Event()
        self._holding = threading.Lock()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        self._closed.set()
        self._redis.close()

    def enter(self, target_id: UUID, holder: UUID, policy: DeliveryPolicy) -> Refusal | None:
        try:
            answer, ms = self._enter(target_id, holder, policy, {})
            if answer == "unknown":
                answer, ms = self._enter(
                    target_id, holder, policy, self._counted(target_id, policy)
                )
        except (RedisError, psycopg.Error, PoolTimeout, ReadModelBehind):
            return Refusal(WaitReason.LIMITS_UNREACHABLE, _ASK_AGAIN_SECONDS)
        if answer != "passed":
            return Refusal(WaitReason(answer), max(0.05, ms / 1000))
        self._hold(target_id, holder)
        return None

    def leave(
        self,
        target_id: UUID,
        holder: UUID,
        policy: DeliveryPolicy,
        ending: Ending,
        shut_for: float = 0,
    ) -> str:
        self._held.pop(holder, None)
        breaker = policy.breaker
        longest = max(breaker.seconds, _LONGEST_OPEN_SECONDS)
        numbers = (breaker.failures, breaker.seconds * 1000, longest * 1000, _ms(shut_for))
        try:
            (state,) = self._run(target_id, "leave", holder, ending.value, *numbers)
        except RedisError:
            return "unknown"  # the place runs out by itself
        return str(state.decode())

    def state(self, target_id: UUID) -> GateState | None:
        try:
            open_ms, openings, failures, at_work = self._run(target_id, "state", "")
        except RedisError:
            return None
        breaker = "open" if open_ms > 0 else "half_open" if openings else "closed"
        return GateState(breaker, max(0, open_ms) / 1000, failures, at_work)

    # --

    def _enter(
        self, target_id: UUID, holder: UUID, policy: DeliveryPolicy, counted: Mapping[str, Any]
    ) -> tuple[str, float]:
        limits = (policy.at_once, _ms(self._lease), *_limits(policy.rate))
        seeds: list[Any] = [0]
        if counted:
            places = counted["places"]
            seeds = [1, len(places) // 2, *places, *counted["ages"]]
        answer, ms = self._run(target_id, "enter", holder, *limits, *seeds)
        return answer.decode(), ms

    def _counted(self, target_id: UUID, policy: DeliveryPolicy) -> dict[str, Any]:
        """What the log says: who is at work for how long, and how long ago the last attempts
        began, oldest first."""
        with self._pool.connection(timeout=_TIMEOUT_SECONDS) as connection:
            head = connection.execute("SELECT coalesce(max(position), 0) FROM events").fetchone()
            assert head is not None
            wait_for(connection, head[0], [Agenda.name, DeliveryLog.name], _TIMEOUT_SECONDS)
            at_work = connection.execute(_AT_WORK, [target_id]).fetchall()
            started: list[tuple[Any]] = []
            if policy.rate:
                within = (target_id, policy.rate.seconds, policy.rate.messages)
                started = connection.execute(_STARTED, within).fetchall()
        places = [part for id, left in at_work for part in (str(id), _ms(left))]
        return {"places": places, "ages": [_ms(age) for (age,) in reversed(started)]}

    def _run(self, target_id: UUID, operation: str, holder: object, *arguments: Any) -> list[Any]:
        prefix = f"{_PREFIX}{target_id}"
        keys = (f"{prefix}:breaker", f"{prefix}:places", f"{prefix}:starts", f"{_PREFIX}epoch")
        answer: list[Any] = self._script(keys=keys, args=(operation, str(holder), *arguments))
        return answer

    def _hold(self, target_id: UUID, holder: UUID) -> None:
        """One thread of the process keeps all its places."""
        self._held[holder] = target_id
        with self._holding:
            if self._thread is None:
                self._thread = threading.Thread(target=self._beat, name="gate", daemon=True)
                self._thread.start()

    def _beat(self) -> None:
        while not self._closed.wait(self._lease / 3):
            for holder, target_id in list(self._held.items()):
                try:
                    self._run(target_id, "hold", holder, _ms(self._lease))
                    if holder not in self._held:  # it left meanwhile
                        self._run(target_id, "drop", holder)
                except RedisError:
                    break  # at the next beat; the places last for three


class NoGate:
    """Of processes without Redis: nothing can be counted, so nothing may begin."""

    def enter(self, target_id: UUID, holder: UUID, policy: DeliveryPolicy) -> Refusal | None:
        return Refusal(WaitReason.LIMITS_UNREACHABLE, _ASK_AGAIN_SECONDS)

    def leave(
        self,
        target_id: UUID,
        holder: UUID,
        policy: DeliveryPolicy,
        ending: Ending,
        shut_for: float = 0,
    ) -> str:
        return "unknown"

    def state(self, target_id: UUID) -> GateState | None:
        return None

    def close(self) -> None: ...


def gate_of(url: str | None, pool: Pool, lease: float) -> RedisGate | NoGate:
    return RedisGate(url, pool, lease) if url else NoGate()


def _limits(rate: Rate | None) -> tuple[int, int]:
    return (rate.messages, rate.seconds * 1000) if rate else (0, 0)


def _ms(seconds: Any) -> int:
    return int(float(seconds) * 1000)
