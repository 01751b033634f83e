"""A process that acts for distributions: in whose name, and what it says of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from deadwax.application.patience import Notice
from deadwax.domain.aggregate import Root
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution


@dataclass(frozen=True)
class Process:
    """`worker` names it; `notice` takes one log line."""

    worker: str
    notice: Notice

    def acting(self, d: Distribution) -> AbstractContextManager[None]:
        return acting(cause_of(d, self.worker))

    def each(
        self, members: Sequence[Distribution], command: Callable[[Distribution], object]
    ) -> None:
        """Each acts in its own correlation."""
        for d in members:
            with self.acting(d):
                command(d)

    def say(self, d: Distribution, what: str, **fields: Any) -> None:
        """One log line, with what ties it to the request that began it all."""
        correlation_id = d.last_event.correlation_id
        self.notice(what, distribution_id=str(d.id), correlation_id=correlation_id, **fields)


def cause_of(root: Root, worker: str) -> Cause:
    """A process acts because of the last thing that happened, in the same correlation."""
    last = root.last_event
    return Cause(root.tenant_id, f"process:{worker}", last.correlation_id, str(last.event_id))
