"""What a busy day does to an installation, and what breaks in it meanwhile; both by one seed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import redis
from tests.faults.rig import BACKGROUND, Rig

from deadwax.application.bulk_selection import Selection
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_terms import BulkAction, BulkOrder
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.priority import Priority
from deadwax.domain.release import Release
from deadwax.domain.states import Status
from deadwax.domain.texts import Name
from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy
from deadwax.infrastructure.embedded import EmbeddedServers

PROCESSES = ("worker", "worker", *BACKGROUND)
_BYTES = 1_500_000  # those of an album and its message, about
_PERIOD = 0.3


class Day:
    """What a label asks for, piece by piece: releases to two targets, one by one and by a bulk
    job, at several priorities; updates, takedowns, a pause.

    `ids` are the distributions, `removed` those that are to go, `updated` those to be sent again.
    """

    def __init__(self, rig: Rig, chance: random.Random, releases: int, targets: list[UUID]) -> None:
        self._rig, self._chance, self._targets = rig, chance, targets
        self.ids: list[UUID] = []
        self.removed: set[UUID] = set()
        self.updated: Counter[UUID] = Counter()
        self._bulk_id: UUID | None = None
        self._in_bulk_job: tuple[UUID, ...] = ()
        ones = [self._distribute] * (releases - releases // 4)
        later = [*[self._update] * (releases // 2), *[self._take_down] * (releases // 2)]
        chance.shuffle(later)
        middle = [self._in_bulk(releases // 4), self._pause, *later[: releases // 3], self._resume]
        self._tasks: list[Callable[[], bool]] = [*ones, *middle, *later[releases // 3 :]]
        self._all = len(self._tasks)

    def go_on(self, progress: float) -> None:
        """Do what should be done when `progress` (0 to 1) of the day is over."""
        while self._tasks and (self._all - len(self._tasks)) / self._all <= progress:
            with self._rig.acting():
                if not self._tasks[0]():
                    return  # there is nothing yet that it could be done to
            self._tasks.pop(0)

    def finish(self) -> bool:
        """Do what is left; whether everything is asked for, by the bulk job too."""
        self.go_on(1)
        if self._tasks or self._bulk_status() != "finished":
            return False
        self.ids += [distribution_id(r, t) for r in self._in_bulk_job for t in self._targets]
        return True

    def _bulk_status(self) -> str:
        job = self._bulk_id and self._rig.container.catalogue.find(BulkJob, self._bulk_id)
        return job.status.value if job else ""

    def _release(self) -> UUID:
        release, _ = self._rig.container.releases.draft(self._rig.metadata())
        self._rig.container.releases.submit(release.id, None)
        return release.id

    def _distribute(self) -> bool:
        targets = self._chance.choice([self._targets, self._targets, self._targets[:1]])
        priority = self._chance.choice(list(Priority))
        made, _ = self._rig.container.distributions.distribute(
            self._release(), targets, None, priority
        )
        self.ids += [d.id for d in made]
        return True

    def _in_bulk(self, count: int) -> Callable[[], bool]:
        def plan() -> bool:
            self._in_bulk_job = tuple(self._release() for _ in range(count))
            job, _ = self._rig.container.bulk.plan(
                BulkOrder(action=BulkAction.DISTRIBUTE, reason=Name("All of it.")),
                Selection(release_ids=self._in_bulk_job, target_ids=tuple(self._targets)),
                run_when_checked=True,
            )
            self._bulk_id = job.id
            return True

        return plan

    def _some_live(self) -> UUID | None:
        """One that nothing is under way for."""
        found = [
            id
            for id in self.ids
            if id not in self.removed and self._rig.distribution(id).status is Status.LIVE
        ]
        return self._chance.choice(found) if found else None

    def _update(self) -> bool:
        if (id := self._some_live()) is None:
            return False
        release = self._rig.container.releases.get(self._rig.distribution(id).release_id)
        self._amend(release)
        self._rig.container.distributions.update(id, "a new title")
        self.updated[id] += 1
        return True

    def _amend(self, release: Release) -> None:
        title = Name(f"Tested {self._chance.randrange(1_000_000)}")
        metadata = replace(release.metadata, title=title)
        self._rig.container.releases.amend(release.id, metadata, None)

    def _take_down(self) -> bool:
        if (id := self._some_live()) is None:
            return False
        self._rig.container.distributions.take_down(id, "test")
        self.removed.add(id)
        return True

    def _pause(self) -> bool:
        self._rig.container.pauses.pause_target(self._targets[0], "test", None)
        return True

    def _resume(self) -> bool:
        self._rig.container.pauses.resume_target(self._targets[0])
        return True


class Havoc:
    """Ends processes, cuts connections and empties Redis; `done` counts what was done."""

    def __init__(
        self, rig: Rig, servers: EmbeddedServers, proxy: FaultProxy, chance: random.Random
    ) -> None:
        self._rig, self._servers, self._proxy, self._chance = rig, servers, proxy, chance
        self._running = rig.start(*PROCESSES)
        self.done: Counter[str] = Counter()

    def strike(self) -> None:
        """Break one thing, and let it run again."""
        time.sleep(self._chance.uniform(0, 2 * _PERIOD))
        strikes = (self._kill, self._cut, self._flush, self._kill_redis, self._kill_postgres)
        (strike,) = self._chance.choices(strikes, weights=(70, 24, 3, 1, 2))
        self.done[strike()] += 1

    def calm(self) -> None:
        self._proxy.behave(Behaviour.PASS)

    def stop(self) -> None:
        """Everything but the projector, in order, so that nothing new is stored."""
        stopping = [
            p for p, name in zip(self._running, PROCESSES, strict=True) if name != "projector"
        ]
        for process in stopping:
            process.terminate()
        for process in stopping:
            assert process.wait(60) == 0, self._rig.evidence()

    def _kill(self) -> str:
        victim = self._chance.randrange(len(PROCESSES))
        self._running[victim].kill()
        self._running[victim].wait()
        (self._running[victim],) = self._rig.start(PROCESSES[victim])
        return PROCESSES[victim]

    def _cut(self) -> str:
        behaviour = self._chance.choice(
            [Behaviour.CUT, Behaviour.FREEZE, Behaviour.REFUSE, Behaviour.SWALLOW]
        )
        self._proxy.behave(behaviour, self._chance.randrange(_BYTES))
        time.sleep(self._chance.uniform(0, 2 * _PERIOD))
        self._proxy.behave(Behaviour.PASS)
        return behaviour.value

    def _flush(self) -> str:
        with redis.Redis.from_url(self._servers.redis_url) as client:
            client.flushall()
        return "redis flushed"

    def _kill_redis(self) -> str:
        self._servers.restart_redis(kill=True, flush=self._chance.random() < 0.5)
        return "redis killed"

    def _kill_postgres(self) -> str:
        self._servers.restart_postgres(immediate=True)
        return "postgres killed"
