"""The warning that a release may come too late to a platform: raised, changed and cleared."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID, uuid5

from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release_planning import Dates, Punctuality, Verdict

ON_TIME = Punctuality.ON_TIME.value


class DateWarning(Root):
    """One release on one target. That time passes is no event; that somebody is warned is."""

    TOPIC = "date_warning"

    if TYPE_CHECKING:
        release_id: UUID
        target_id: UUID
        state: Punctuality
        why: str

    @staticmethod
    def id_of(release_id: UUID, target_id: UUID) -> UUID:
        return uuid5(distribution_id(release_id, target_id), "release date")

    @classmethod
    def raise_for(cls, release_id: UUID, target_id: UUID, verdict: Verdict, dates: Dates) -> Self:
        return cls._create(
            DateWarningRaised,
            id=cls.id_of(release_id, target_id),
            release_id=str(release_id),
            target_id=str(target_id),
            state=verdict.state.value,
            why=verdict.why,
            out=dates.out.isoformat(),
            latest=dates.latest.isoformat(),
            planned=_said(dates.planned),
        )

    def note(self, verdict: Verdict, dates: Dates | None) -> None:
        """What holds now, or without dates that it is not wanted any more; nothing if that is
        what was told last."""
        if (verdict.state, verdict.why) == (self.state, self.why):
            return
        if dates is None or verdict.state is Punctuality.ON_TIME:
            if self.state is not Punctuality.ON_TIME:
                self.trigger_event(DateWarningCleared, state=ON_TIME, why=verdict.why)
            return
        self.trigger_event(
            DateWarningChanged,
            state=verdict.state.value,
            why=verdict.why,
            out=dates.out.isoformat(),
            latest=dates.latest.isoformat(),
            planned=_said(dates.planned),
        )


def _said(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


@dataclass(frozen=True)
class DateWarningRaised(Created):
    """`state` at_risk, will_miss or missed; `out` is when the release is out, `latest` when the
    platform wants it, `planned` when it is to be sent, if later than at once."""

    TOPIC = "date_warning.raised"
    release_id: str
    target_id: str
    state: str
    why: str
    out: str
    latest: str
    planned: str | None

    def apply(self, aggregate: DateWarning) -> None:
        aggregate.release_id, aggregate.target_id = UUID(self.release_id), UUID(self.target_id)
        aggregate.state, aggregate.why = Punctuality(self.state), self.why


@dataclass(frozen=True)
class DateWarningChanged(Event):
    """It became worse or better, has another reason, or is raised again."""

    TOPIC = "date_warning.changed"
    state: str
    why: str
    out: str
    latest: str
    planned: str | None

    def apply(self, aggregate: DateWarning) -> None:
        aggregate.state, aggregate.why = Punctuality(self.state), self.why


@dataclass(frozen=True)
class DateWarningCleared(Event):
    TOPIC = "date_warning.cleared"
    state: str
    why: str

    def apply(self, aggregate: DateWarning) -> None:
        aggregate.state, aggregate.why = Punctuality(self.state), self.why
