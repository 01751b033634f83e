"""Which deliveries are in the queue: few, in turn, and only for targets that can take them.

What is due stands in the read model `agenda`, however long that gets; the queue holds at most
`limit` of it. All that is kept in mind here may be forgotten: then some worker is sent once too
often, which is harmless.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain.states import AT_WORK, WAITING_FOR_WORKER, Status
from deadwax.projections.agenda import DELIVER, PREPARE, REMOVE
from deadwax.workers.broker import ASKS_AGAIN_SECONDS
from deadwax.workers.due import DueList, DueNow
from deadwax.workers.turns import Due, Turns

TICK_SECONDS = 0.5
"""How often it is looked for what came due by time."""
_BETWEEN_LOOKS_SECONDS = 0.01


@dataclass(slots=True)
class _Sent:
    """A message that was sent and not answered by an event that ends it. `attempt` names the
    attempt under way, the same for all that share a batch; None: not begun."""

    target_id: UUID
    step: str
    position: int
    at: float
    attempt: str | None = None


class Feeder:
    """`send` puts a distribution into the queue, urgently or not. One at a time works, told of
    every event of the log by `note`."""

    def __init__(
        self,
        due: DueList,
        send: Callable[[UUID, bool], None],
        limit: int,
        resend_seconds: float,
    ) -> None:
        self._due, self._send, self._limit = due, send, limit
        self._resend = resend_seconds
        self._sent: dict[UUID, _Sent] = {}
        self._again: dict[UUID, tuple[int, float]] = {}
        self._seen: dict[UUID, int] = {}
        self._at_once: dict[UUID, int] = {}
        self._turns, self._removals = Turns(), Turns()
        self._woken_at = 0
        self._more = self._urgent = self._changed = False
        self._look_at = self._not_before = 0.0

    def note(self, event: Recorded) -> None:
        """What became of what was sent, and whether there is something new to do."""
        if event.type.startswith(("target.", "tenant.")):
            self._look_at = 0.0
        if not event.type.startswith("distribution."):
            return
        told = event.data.get("status")
        status = Status(told) if told else None
        if status is None:
            return
        id = event.stream_id
        self._seen[id] = event.position
        if status in AT_WORK:
            if id in self._sent:
                self._sent[id].attempt = event.data.get("lease_until", self._sent[id].attempt)
            return
        self._forget(id)
        if status in WAITING_FOR_WORKER:
            self._woken_at = event.position
            self._urgent |= event.type == "distribution.takedown_requested"

    def feed(self) -> float:
        """Send what can be sent; the seconds after which to come again, if nothing happens."""
        now = time.monotonic()
        if now >= self._not_before and self._wants_look(now):
            self._look(now)
        if self._changed:
            self._changed = False
            self._hand_out(self._removals, 2 * self._limit)
            self._hand_out(self._turns, self._limit)
        wanted = self._not_before if self._wants_look(self._not_before) else self._look_at
        return max(0.0, wanted - time.monotonic())

    # --

    def _wants_look(self, now: float) -> bool:
        if now >= self._look_at or self._urgent:
            return True
        if self._turns:
            return False
        return bool(self._woken_at) or (self._more and self._under_way() < self._limit)

    def _look(self, now: float) -> None:
        """At all that is due; what it shows may be behind the events that were noted."""
        found = self._due.look(list(self._sent), self._limit)
        self._release(found, now)
        self._seen = {id: at for id, at in self._seen.items() if at > found.position}
        self._at_once = found.at_once
        self._removals.fill(one for one in found.due if one.step == REMOVE)
        self._turns.fill(one for one in found.due if one.step != REMOVE)
        self._more, self._changed = found.more, True
        if found.position >= self._woken_at:
            self._woken_at, self._urgent = 0, False
        self._look_at = now + TICK_SECONDS
        self._not_before = time.monotonic() + _BETWEEN_LOOKS_SECONDS

    def _release(self, found: DueNow, now: float) -> None:
        """Those whose message came to nothing: a worker said that they wait, their target takes
        nothing now, or nothing was heard of them for long."""
        for id, (target_id, attempt) in found.at_work.items():
            if id not in self._sent and self._seen.get(id, 0) <= found.position:
                self._sent[id] = _Sent(target_id, DELIVER, 0, now, attempt)  # by an earlier feeder
        for id, sent in list(self._sent.items()):
            if sent.attempt is not None:
                if id not in found.at_work and self._seen.get(id, 0) <= found.position:
                    del self._sent[id]
            elif id in found.waiting or (
                sent.step != PREPARE and sent.target_id not in found.at_once
            ):
                del self._sent[id]
            elif now - sent.at >= (patience := self._patience(id, sent.position)):
                self._again[id] = (sent.position, min(2 * patience, ASKS_AGAIN_SECONDS))
                del self._sent[id]
        if len(self._again) > 10 * self._limit:
            self._again.clear()

    def _patience(self, id: UUID, position: int) -> float:
        """How long to wait for an event; longer each time it did not come."""
        known, wait = self._again.get(id, (0, self._resend))
        return wait if known == position else self._resend

    def _hand_out(self, turns: Turns, limit: int) -> None:
        if not turns:
            return
        taken = self._taken()

        def is_open(due: Due) -> bool:
            if due.step == PREPARE:
                return True
            return taken[due.target_id] < self._at_once.get(due.target_id, 0)

        room = limit - self._under_way()
        while room > 0 and (due := turns.take(is_open)):
            if due.id in self._sent or self._seen.get(due.id, 0) > due.position:
                continue
            self._send(due.id, due.step == REMOVE)
            self._sent[due.id] = _Sent(due.target_id, due.step, due.position, time.monotonic())
            room -= 1
            if due.step != PREPARE:
                taken[due.target_id] += 1

    def _taken(self) -> Counter[UUID]:
        """How many deliveries to each target are sent for or run."""
        taken: Counter[UUID] = Counter()
        attempts: set[tuple[UUID, str]] = set()
        for sent in self._sent.values():
            key = (sent.target_id, sent.attempt or "")
            if sent.attempt is None:
                taken[sent.target_id] += sent.step != PREPARE
            elif key not in attempts:
                attempts.add(key)
                taken[sent.target_id] += 1
        return taken

    def _under_way(self) -> int:
        """Steps that are sent for or run: a batch is one, however many share it."""
        prepared = sum(sent.step == PREPARE for sent in self._sent.values())
        return prepared + self._taken().total()

    def _forget(self, id: UUID) -> None:
        if self._sent.pop(id, None):
            self._changed = True
        self._again.pop(id, None)
