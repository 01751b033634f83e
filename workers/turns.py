"""Whose turn it is: fair between tenants, and between the targets of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from deadwax.domain.priority import Priority
from deadwax.projections.agenda import PREPARE

Lane = tuple[UUID, bool]
_Lanes = deque[tuple[Lane, deque["Due"]]]
_K = TypeVar("_K", UUID, Lane)


@dataclass(frozen=True, slots=True)
class Due:
    """A distribution that a worker should move on. `step` as in the agenda."""

    id: UUID
    tenant_id: UUID
    target_id: UUID
    step: str
    priority: Priority
    due_at: datetime
    position: int

    @property
    def lane(self) -> Lane:
        """Its target; what is prepared needs no place there and waits in a queue of its own."""
        return self.target_id, self.step == PREPARE

    @property
    def turn_at(self) -> datetime:
        """Its place among those of one target: it came so late, and was in so little haste."""
        return self.due_at + self.priority.patience


class Turns:
    """Hands out what is due, one by one. A tenant that was served comes after all others that
    wait, a lane of its after all its others; within one, by `turn_at`.

    Remembers who was served last over refills, so that with more targets than places each
    has its turn."""

    def __init__(self) -> None:
        self._served: dict[UUID | Lane, int] = {}
        self._turn = 0
        self._tenants: deque[tuple[UUID, _Lanes]] = deque()

    def fill(self, due: Iterable[Due]) -> None:
        """What waits now, in the place of what waited before."""
        waiting: dict[UUID, dict[Lane, list[Due]]] = {}
        for one in due:
            waiting.setdefault(one.tenant_id, {}).setdefault(one.lane, []).append(one)
        named = {key for tenant, lanes in waiting.items() for key in (tenant, *lanes)}
        self._served = {key: turn for key, turn in self._served.items() if key in named}
        self._tenants = deque(
            (
                tenant,
                deque(
                    (lane, deque(sorted(lanes[lane], key=lambda one: (one.turn_at, one.id))))
                    for lane in sorted(lanes, key=self._last)
                ),
            )
            for tenant, lanes in sorted(waiting.items(), key=lambda item: self._last(item[0]))
        )

    def take(self, open: Callable[[Due], bool]) -> Due | None:
        """The next whose target is `open` to it; None if there is none."""
        for _ in range(len(self._tenants)):
            tenant, lanes = self._tenants.popleft()
            found = self._of(lanes, open)
            if lanes:
                self._tenants.append((tenant, lanes))
            if found:
                self._turn += 1
                self._served[tenant] = self._served[found.lane] = self._turn
                return found
        return None

    def __bool__(self) -> bool:
        return bool(self._tenants)

    def _of(self, lanes: _Lanes, open: Callable[[Due], bool]) -> Due | None:
        for _ in range(len(lanes)):
            lane, waiting = lanes.popleft()
            found = waiting.popleft() if open(waiting[0]) else None
            if waiting:
                lanes.append((lane, waiting))
            if found:
                return found
        return None

    def _last(self, key: _K) -> tuple[int, _K]:
        return self._served.get(key, 0), key
