"""What a schedule says: what is to be done, with what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from deadwax.domain.errors import InvalidValue
from deadwax.domain.local_times import instant
from deadwax.domain.recurrence import Recurrence
from deadwax.domain.texts import Moment, Name
from deadwax.domain.transfer_times import YEARS, Zone

MOST_PAIRS = 1_000
MOST_NAMED = 500
MOST_HOURS = 8_760


class Action(StrEnum):
    DELIVER = "deliver"
    UPDATE = "update"
    TAKE_DOWN = "take_down"
    REINSTATE = "reinstate"


@dataclass(frozen=True, kw_only=True)
class At:
    """Once: an instant (`2026-12-01T09:00:00Z`), or a day or local time by the clocks of `zone`.

    Where clocks are put back over a local time it is the first of the two; where they are put
    forward over it, the instant at which they are.
    """

    time: Moment
    zone: Zone | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if self.time.is_instant == (self.zone is not None) or self.time.day.year not in YEARS:
            raise InvalidValue(
                "schedule_time_invalid",
                "A local time needs a zone, and an instant has its own.",
                "Give a time like 2026-12-01T09:00:00 and its zone, or 2026-12-01T09:00:00Z.",
            )

    @property
    def instant(self) -> datetime:
        time = datetime.fromisoformat(self.time)
        return instant(time, self.zone.info) if self.zone else time.astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class BeforeRelease:
    """So long before the release that the platform has it in time: `lead_hours` of the target,
    or those given here, and `spare_hours` before that.

    The release is out at midnight of its release date in `zone`; without one, where and when the
    first of its deals for the platform opens.
    """

    zone: Zone | None = None
    lead_hours: int | None = None
    spare_hours: int = 24
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        for name, hours in (("lead_hours", self.lead_hours), ("spare_hours", self.spare_hours)):
            if hours is not None and not 0 <= hours <= MOST_HOURS:
                raise InvalidValue(
                    f"{name}_invalid",
                    f"{hours} is not from 0 to {MOST_HOURS}.",
                    "Give hours.",
                )


@dataclass(frozen=True, kw_only=True)
class Terms:
    """`deliver` brings `releases` to `targets`. The others are for the distributions of these
    releases, to these targets, of releases of these labels: all that are named must fit, and
    what is not named does not count. `reinstate` asks anew for what was removed or cancelled.

    One of `at`, `before_release` (to deliver) and `recurring` (to update) says when. `reason`
    stands in the audit trail.
    """

    name: Name
    action: Action
    reason: Name
    releases: tuple[UUID, ...] = ()
    targets: tuple[UUID, ...] = ()
    labels: tuple[Name, ...] = ()
    at: At | None = None
    before_release: BeforeRelease | None = None
    recurring: Recurrence | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        if sum(w is not None for w in (self.at, self.before_release, self.recurring)) != 1:
            raise InvalidValue(
                "schedule_time_unclear",
                "A schedule has one kind of time.",
                "Give one of at, before_release and recurring.",
            )
        if self.before_release and self.action is not Action.DELIVER:
            raise InvalidValue(
                "before_release_delivers",
                "Only a delivery can be planned back from the release date.",
                'Give the action "deliver", or at.',
            )
        if self.recurring and self.action is not Action.UPDATE:
            raise InvalidValue(
                "recurring_updates", "Only updates recur.", 'Give the action "update", or at.'
            )
        self._check_selection()

    def _check_selection(self) -> None:
        named = (self.releases, self.targets, self.labels)
        if any(len(set(ids)) != len(ids) or len(ids) > MOST_NAMED for ids in named):
            raise InvalidValue(
                "schedule_selection_invalid",
                f"Something is named twice, or more than {MOST_NAMED} are.",
                "Name each once.",
            )
        if self.action is Action.DELIVER:
            pairs = len(self.releases) * len(self.targets)
            if self.labels or not 1 <= pairs <= MOST_PAIRS:
                raise InvalidValue(
                    "schedule_selection_invalid",
                    "A delivery is of releases to targets.",
                    f"Give releases and targets, at most {MOST_PAIRS} pairs, and no labels.",
                )
        elif self.action is not Action.UPDATE and not any(named):
            raise InvalidValue(
                "schedule_selection_empty",
                "That would be the whole catalogue.",
                "Give releases, targets or labels.",
            )
