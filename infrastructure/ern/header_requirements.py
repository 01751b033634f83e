"""What every message needs for its header."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol

from deadwax.domain.errors import Problem


class Headed(Protocol):
    @property
    def message_id(self) -> str: ...
    @property
    def thread_id(self) -> str: ...
    @property
    def created_at(self) -> datetime: ...


def header_problems(spec: Headed) -> Iterator[Problem]:
    """Ids that are empty, a time without a zone."""
    for name in ("message_id", "thread_id"):
        if not getattr(spec, name).strip():
            yield Problem(f"{name}_missing", name, f"{name} is empty.", "Give the message its id.")
    if spec.created_at.tzinfo is None:
        yield Problem(
            "created_at_without_zone",
            "created_at",
            f"{spec.created_at} does not say in which time zone.",
            "Give the time in UTC.",
        )
