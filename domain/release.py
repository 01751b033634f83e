"""The Release aggregate: from draft to approved, amended, archived."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from deadwax.domain.aggregate import Root
from deadwax.domain.assets import AssetFacts
from deadwax.domain.changes import changes_between
from deadwax.domain.errors import IllegalTransition, Refused
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import to_plain
from deadwax.domain.release_events import (
    ReleaseAmended,
    ReleaseApproved,
    ReleaseArchived,
    ReleaseCodesAllocated,
    ReleaseDrafted,
    ReleaseStatus,
    ReleaseSubmitted,
)
from deadwax.domain.rules import problems

RELEASE_MOVES: dict[ReleaseStatus, frozenset[ReleaseStatus]] = {
    ReleaseStatus.DRAFT: frozenset({ReleaseStatus.SUBMITTED, ReleaseStatus.ARCHIVED}),
    ReleaseStatus.SUBMITTED: frozenset({ReleaseStatus.APPROVED, ReleaseStatus.ARCHIVED}),
    ReleaseStatus.APPROVED: frozenset({ReleaseStatus.ARCHIVED}),
    ReleaseStatus.ARCHIVED: frozenset(),
}


class Release(Root):
    """What the label wants to release. Once submitted it stays complete.

    `allocated` holds the codes that it got from the tenant's ranges, by place.
    """

    TOPIC = "release"

    if TYPE_CHECKING:
        status: ReleaseStatus
        document: dict[str, Any]
        allocated: dict[str, str]

    @classmethod
    def draft(cls, release_id: UUID, metadata: ReleaseMetadata) -> Self:
        return cls._create(ReleaseDrafted, id=release_id, metadata=to_plain(metadata))

    @property
    def metadata(self) -> ReleaseMetadata:
        return self.remembered(ReleaseMetadata, self.document)

    def amend(self, metadata: ReleaseMetadata, assets: Mapping[str, AssetFacts]) -> None:
        """Replace the metadata. Stores what changed, field by field, and nothing if nothing
        did. A release that was submitted must stay complete: Refused names what would lack.
        """
        if self.status is ReleaseStatus.ARCHIVED:
            raise IllegalTransition("release", self.status, "amended", RELEASE_MOVES[self.status])
        if self.status is not ReleaseStatus.DRAFT:
            self._require_complete(metadata, assets)
        changes = changes_between(to_plain(self.metadata), to_plain(metadata))
        if changes:
            self.trigger_event(ReleaseAmended, changes=changes)

    def allocate(self, codes: Mapping[str, str]) -> None:
        """Remember codes from the tenant's ranges, by place: "icpn" or "<disc>/<number>"."""
        self.trigger_event(ReleaseCodesAllocated, codes=dict(codes))

    def submit(self, assets: Mapping[str, AssetFacts]) -> None:
        """Hand the release over for distribution. Refused lists everything that is missing."""
        self._expect_move(ReleaseStatus.SUBMITTED)
        self._require_complete(self.metadata, assets)
        self.trigger_event(ReleaseSubmitted)

    def approve(self) -> None:
        self._expect_move(ReleaseStatus.APPROVED)
        self.trigger_event(ReleaseApproved)

    def archive(self, reason: str) -> None:
        self._expect_move(ReleaseStatus.ARCHIVED)
        self.trigger_event(ReleaseArchived, reason=reason)

    def _expect_move(self, to: ReleaseStatus) -> None:
        if to not in RELEASE_MOVES[self.status]:
            raise IllegalTransition("release", self.status, to, RELEASE_MOVES[self.status])

    @staticmethod
    def _require_complete(metadata: ReleaseMetadata, assets: Mapping[str, AssetFacts]) -> None:
        found = problems(metadata, assets)
        if found:
            raise Refused("The release is not complete", found)
