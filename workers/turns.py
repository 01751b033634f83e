"""Whose turn it is: fair between tenants, and between the targets of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from deadwax.domain.priority import Priority


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
    def turn_at(self) -> datetime:
        """Its place among those of one target: it came so late, and was in so little haste."""
        return self.due_at + self.priority.patience


class Turns:
    """Hands out what is due, one by one. A tenant that was served comes after all others that
    wait, a target of its after all its others; within one, by `turn_at`.

    Remembers who was served last over refills, so that with more targets than places each
    has its turn."""

    def __init__(self) -> None:
        self._served: dict[UUID, int] = {}
        self._turn = 0
        self._tenants: deque[tuple[UUID, deque[tuple[UUID, deque[Due]]]]] = deque()

    def fill(self, due: Iterable[Due]) -> None:
        """What waits now, in the place of what waited before."""
        waiting: dict[UUID, dict[UUID, list[Due]]] = {}
        for one in due:
            waiting.setdefault(one.tenant_id, {}).setdefault(one.target_id, []).append(one)
        named = {id for tenant, targets in waiting.items() for id in (tenant, *targets)}
        self._served = {id: turn for id, turn in self._served.items() if id in named}
        self._tenants = deque(
            (
                tenant,
                deque(
                    (target, deque(sorted(targets[target], key=lambda one: (one.turn_at, one.id))))
                    for target in sorted(targets, key=self._last)
                ),
            )
            for tenant, targets in sorted(waiting.items(), key=lambda item: self._last(item[0]))
        )

    def take(self, open: Callable[[Due], bool]) -> Due | None:
        """The next whose target is `open` to it; None if there is none."""
        for _ in range(len(self._tenants)):
            tenant, targets = self._tenants.popleft()
            found = self._of(targets, open)
            if targets:
                self._tenants.append((tenant, targets))
            if found:
                self._turn += 1
                self._served[tenant] = self._served[found.target_id] = self._turn
                return found
        return None

    def __bool__(self) -> bool:
        return bool(self._tenants)

    def _of(
        self, targets: deque[tuple[UUID, deque[Due]]], open: Callable[[Due], bool]
    ) -> Due | None:
        for _ in range(len(targets)):
            target, waiting = targets.popleft()
            found = waiting.popleft() if open(waiting[0]) else None
            if waiting:
                targets.append((target, waiting))
            if found:
                return found
        return None

    def _last(self, id: UUID) -> tuple[int, UUID]:
        return self._served.get(id, 0), id
