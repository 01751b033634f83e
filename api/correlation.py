"""The id that ties a request to all its consequences, from the client to the remote path."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import uuid4

import structlog

HEADER = "X-Correlation-Id"
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")

_current: ContextVar[str] = ContextVar("correlation_id")


def correlation_id() -> str:
    """That of the request being answered."""
    return _current.get()


@contextmanager
def correlated(given: str | None) -> Iterator[str]:
    """Use the id that the client gave if it is one, else a new one, here and in log lines."""
    id = given if given and _SAFE.fullmatch(given) else str(uuid4())
    token = _current.set(id)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(correlation_id=id)
    try:
        yield id
    finally:
        _current.reset(token)
        structlog.contextvars.clear_contextvars()
