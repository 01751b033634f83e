"""How long to wait for what, and where to say what happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Notice = Callable[..., None]
"""Takes one log line: what happened, and fields."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for what. Seconds."""

    lease: float
    retry_base: float
    retry_cap: float
    answer: float
    """How long a platform may take to answer before a person is told."""
