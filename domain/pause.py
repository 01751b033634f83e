"""Holding back what is new, for a target or a tenant, until somebody lets it go on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from deadwax.domain.errors import Problem, Refused


@dataclass(frozen=True)
class Pause:
    """Nothing new is begun until `until`, or until it is resumed if that is None."""

    reason: str
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        return self.until is None or at < self.until


def refuse_past(until: datetime | None, at: datetime) -> None:
    """Raises Refused unless `until` is after `at`."""
    if until is not None and until <= at:
        problem = Problem(
            "pause_in_the_past",
            "until",
            f"{until.isoformat()} is over.",
            "Give a time to come, or none to pause until it is resumed.",
        )
        raise Refused("Nothing was paused", [problem])
