"""What a bulk job is told: the action, its plan, and what became of each item."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self
from uuid import UUID

from deadwax.domain.errors import InvalidValue, Problem
from deadwax.domain.identifiers import Sha256
from deadwax.domain.priority import Priority
from deadwax.domain.texts import Moment, Name

_STRICT: dict[str, Any] = {"extra": "forbid"}


class BulkAction(StrEnum):
    """What is done to each distribution, as the command of that name does it to one."""

    DISTRIBUTE = "distribute"
    UPDATE = "update"
    REDELIVER = "redeliver"
    TAKEDOWN = "takedown"
    RETRY = "retry"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    PRIORITISE = "prioritise"
    ASSIGN = "assign"


_TAKES: dict[str, frozenset[BulkAction]] = {
    "not_before": frozenset({BulkAction.DISTRIBUTE}),
    "effective": frozenset({BulkAction.TAKEDOWN}),
    "priority": frozenset({BulkAction.DISTRIBUTE, BulkAction.PRIORITISE}),
    "assignee": frozenset({BulkAction.ASSIGN}),
}
_NEEDS: dict[BulkAction, str] = {
    BulkAction.PRIORITISE: "priority",
    BulkAction.ASSIGN: "assignee",
}


@dataclass(frozen=True, kw_only=True)
class BulkOrder:
    """What is to be done, and why. `not_before` and `priority` are for distribute, `effective`
    for takedown; prioritise needs `priority`, assign an `assignee`."""

    action: BulkAction
    reason: Name
    not_before: datetime | None = None
    effective: Moment | None = None
    priority: Priority | None = None
    assignee: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    def __post_init__(self) -> None:
        if self.not_before is not None and self.not_before.tzinfo is None:
            raise InvalidValue(
                "time_without_zone", "not_before has no offset.", "Give one, as in +01:00 or Z."
            )
        for name, actions in _TAKES.items():
            given = getattr(self, name) is not None
            if given and self.action not in actions:
                raise InvalidValue(
                    "option_not_of_action",
                    f"{self.action} takes no {name}.",
                    f"Leave {name} out; it is for {', '.join(sorted(actions))}.",
                )
            if not given and _NEEDS.get(self.action) == name:
                raise InvalidValue(
                    "option_missing", f"{self.action} needs {name}.", f"Give {name}."
                )


@dataclass(frozen=True, kw_only=True)
class Plan:
    """The items of a job, as they stand in the asset store under `sha256`: one line for each, its
    release and its target with a space between, always in the same order."""

    sha256: Sha256
    items: int


class Result(StrEnum):
    DONE = "done"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of one item, or in a check would become: unchanged where it is so already."""

    release_id: UUID
    target_id: UUID
    result: Result
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many items had which result; those refused by the code of their problem."""

    done: int = 0
    unchanged: int = 0
    refused: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Self:
        outcomes = list(outcomes)
        results = Counter(o.result for o in outcomes)
        return cls(
            done=results[Result.DONE],
            unchanged=results[Result.UNCHANGED],
            refused=dict(sorted(Counter(o.problem.code for o in outcomes if o.problem).items())),
        )
