"""What each occurrence of a schedule did, told from its events."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from deadwax.domain.aggregate import Event
from deadwax.domain.schedule_events import (
    ScheduleFired,
    ScheduleMissed,
    ScheduleProgressed,
    ScheduleRunEnded,
)

_MOST_SHOWN = 100
_MOST_RUNS = 200


class RunView(BaseModel):
    """One occurrence of a schedule."""

    number: int
    correlation_id: str = Field(description="Finds all that it caused in the audit trail.")
    due_at: datetime
    fired_at: datetime
    ended_at: datetime | None
    missed: int = Field(description="Times that had passed when it fired, this one included.")
    changed: int = Field(description="Distributions that it changed.")
    refused: int = Field(description="Distributions that it could not change.")
    distribution_ids: list[UUID] = Field(description="The first 100 that it changed.")
    problems: list[dict[str, Any]] = Field(
        description="The first 100 that it could not change: distribution_id, code, message."
    )


class Runs(BaseModel):
    """What a schedule did."""

    items: list[RunView]


def runs_of(events: Sequence[Event]) -> list[RunView]:
    """The last first, at most 200."""
    runs: list[RunView] = []
    missed = 0
    for event in events:
        if isinstance(event, ScheduleMissed):
            missed = event.times
        elif isinstance(event, ScheduleFired):
            runs.append(_begun(event, missed))
            missed = 0
        elif isinstance(event, ScheduleProgressed):
            _add(runs[-1], event)
        elif isinstance(event, ScheduleRunEnded):
            runs[-1].ended_at = event.timestamp
    return runs[::-1][:_MOST_RUNS]


def _begun(event: ScheduleFired, missed: int) -> RunView:
    return RunView(
        number=event.number,
        correlation_id=event.occurrence,
        due_at=datetime.fromisoformat(event.due_at),
        fired_at=event.timestamp,
        ended_at=None,
        missed=missed,
        changed=0,
        refused=0,
        distribution_ids=[],
        problems=[],
    )


def _add(run: RunView, event: ScheduleProgressed) -> None:
    run.changed += len(event.changed)
    run.refused += len(event.refused)
    shown = _MOST_SHOWN - len(run.distribution_ids)
    run.distribution_ids += [UUID(id) for id in event.changed[:shown]]
    run.problems += event.refused[: _MOST_SHOWN - len(run.problems)]
