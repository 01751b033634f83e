"""Group commit: while one statement is on its way, what arrives waits and goes in the next.

A thread that is alone commits at once. Among several, one leads: it commits its own append
together with all that wait, then passes the lead to the first that came meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Lock


def _closed_lock() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(slots=True, eq=False)
class Append:
    """Encoded events that are stored together or not at all, and what came of it."""

    rows: Sequence[str]
    deadline: float
    position: int | None = None
    error: Exception | None = None
    _leads: bool = False
    _woken: Lock = field(default_factory=_closed_lock)

    @property
    def settled(self) -> bool:
        return self.position is not None or self.error is not None


class GroupCommit:
    """`commit` gets the appends of one group and settles each of them; one call at a time."""

    def __init__(self, commit: Callable[[Sequence[Append]], None], *, most_rows: int) -> None:
        self._commit = commit
        self._most_rows = most_rows
        self._mutex = Lock()
        self._waiting: list[Append] = []
        self._led = False

    def submit(self, append: Append) -> None:
        """Returns when `append` is settled."""
        while not append.settled:  # again if the leader of its group was interrupted
            with self._mutex:
                self._waiting.append(append)
                append._leads, self._led = not self._led, True
            if not append._leads:
                self._wait(append)
            if append._leads:
                self._lead()

    def _wait(self, append: Append) -> None:
        try:
            append._woken.acquire()
        except BaseException:  # raised by a signal handler: leave, or nobody would lead
            with self._mutex:
                if append in self._waiting:
                    self._waiting.remove(append)
                if append._leads:
                    self._pass_on()
            raise

    def _lead(self) -> None:
        group = self._take()
        try:
            self._commit(group)
        finally:
            with self._mutex:
                self._pass_on()
            for follower in group[1:]:
                follower._woken.release()

    def _take(self) -> list[Append]:
        """The leader's own append and as many of those behind it as the bound allows."""
        with self._mutex:
            waiting = self._waiting
            count, rows = 1, len(waiting[0].rows)
            while count < len(waiting):
                rows += len(waiting[count].rows)
                if rows > self._most_rows:
                    break
                count += 1
            group = waiting[:count]
            del waiting[:count]
        return group

    def _pass_on(self) -> None:
        """Needs the mutex."""
        if self._waiting:
            self._waiting[0]._leads = True
            self._waiting[0]._woken.release()
        else:
            self._led = False
