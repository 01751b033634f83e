"""What can happen to a release."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from deadwax.domain.aggregate import Created, Event
from deadwax.domain.changes import changed_by

if TYPE_CHECKING:
    from deadwax.domain.release import Release


class ReleaseStatus(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class ReleaseDrafted(Created):
    TOPIC = "release.drafted"
    metadata: dict[str, Any]

    def apply(self, aggregate: Release) -> None:
        aggregate.status = ReleaseStatus.DRAFT
        aggregate.document = self.metadata
        aggregate.allocated = {}


@dataclass(frozen=True)
class ReleaseAmended(Event):
    """`changes` maps each changed field to {"from": old, "to": new}; None is absent."""

    TOPIC = "release.amended"
    changes: dict[str, Any]

    def apply(self, aggregate: Release) -> None:
        aggregate.document = changed_by(aggregate.document, self.changes)


@dataclass(frozen=True)
class ReleaseCodesAllocated(Event):
    """`codes` maps a place, "icpn" or "<disc>/<number>" of a track, to the code for it."""

    TOPIC = "release.codes_allocated"
    codes: dict[str, str]

    def apply(self, aggregate: Release) -> None:
        aggregate.allocated = aggregate.allocated | self.codes


@dataclass(frozen=True)
class ReleaseSubmitted(Event):
    TOPIC = "release.submitted"

    def apply(self, aggregate: Release) -> None:
        aggregate.status = ReleaseStatus.SUBMITTED


@dataclass(frozen=True)
class ReleaseApproved(Event):
    TOPIC = "release.approved"

    def apply(self, aggregate: Release) -> None:
        aggregate.status = ReleaseStatus.APPROVED


@dataclass(frozen=True)
class ReleaseArchived(Event):
    TOPIC = "release.archived"
    reason: str

    def apply(self, aggregate: Release) -> None:
        aggregate.status = ReleaseStatus.ARCHIVED
