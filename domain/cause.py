"""Who acts, for which tenant, and because of what: recorded with every event."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

SYSTEM_TENANT = UUID(int=0)


@dataclass(frozen=True)
class Cause:
    """The envelope of the events that a command stores.

    `actor` is `key:<id>` for an API key, `process:<name>` for one of our processes.
    `correlation_id` stays the same from the request to the last remote path;
    `causation_id` is the id of the event (or request) that led here directly.
    """

    tenant_id: UUID
    actor: str
    correlation_id: str
    causation_id: str | None = None


_current: ContextVar[Cause] = ContextVar("cause")


def current_cause() -> Cause:
    """The cause set by `acting`; a LookupError where nobody said who acts."""
    return _current.get()


@contextmanager
def acting(cause: Cause) -> Iterator[None]:
    """Record `cause` with every event triggered inside the block."""
    token = _current.set(cause)
    try:
        yield
    finally:
        _current.reset(token)
