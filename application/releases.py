"""What a label does with a release before it is distributed."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from deadwax.application.catalogue import Catalogue, redone_on_conflict, redone_until_first
from deadwax.application.code_shelf import pages_noting
from deadwax.application.errors import NotFound
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.tenant import Tenant
from deadwax.domain.tracks import Track


class Releases:
    """Every command returns the release and the log position of its last event (0 if it
    changed nothing). `version` is the If-Match of the caller, or None."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @redone_until_first
    def draft(
        self, metadata: ReleaseMetadata, release_id: UUID | None = None
    ) -> tuple[Release, int]:
        """With a `release_id` that was drafted before, that release as it is now."""
        if release_id and (found := self._catalogue.find(Release, release_id)):
            return found, 0
        self._know_label(metadata)
        release = Release.draft(release_id or uuid4(), metadata)
        return release, self._catalogue.save(release, *pages_noting(self._catalogue, metadata))

    def get(self, release_id: UUID) -> Release:
        return self._catalogue.get(Release, release_id)

    @redone_until_first
    def amend(
        self, release_id: UUID, metadata: ReleaseMetadata, version: int | None
    ) -> tuple[Release, int]:
        return self._amend(self._catalogue.get(Release, release_id, version), metadata)

    @redone_until_first
    def put_track(self, release_id: UUID, track: Track, version: int | None) -> tuple[Release, int]:
        """Set the track at its disc and number, whether one stands there or not."""
        release = self._catalogue.get(Release, release_id, version)
        others = _without(release.metadata, track.disc, track.number)
        tracks = (*others, track)
        return self._amend(release, replace(release.metadata, tracks=tracks))

    @redone_until_first
    def remove_track(
        self, release_id: UUID, disc: int, number: int, version: int | None
    ) -> tuple[Release, int]:
        release = self._catalogue.get(Release, release_id, version)
        others = _without(release.metadata, disc, number)
        if len(others) == len(release.metadata.tracks):
            raise NotFound("track", f"{disc}/{number}")
        return self._amend(release, replace(release.metadata, tracks=others))

    @redone_on_conflict
    def submit(self, release_id: UUID, version: int | None) -> tuple[Release, int]:
        """Submit; approved at once where the tenant wants no review by a person."""
        release = self._catalogue.get(Release, release_id, version)
        release.submit(self._catalogue.assets(release.tenant_id, release.metadata))
        if not self._catalogue.get(Tenant, release.tenant_id).review:
            release.approve()
        return release, self._catalogue.save(release)

    @redone_on_conflict
    def approve(self, release_id: UUID, version: int | None) -> tuple[Release, int]:
        release = self._catalogue.get(Release, release_id, version)
        release.approve()
        return release, self._catalogue.save(release)

    @redone_on_conflict
    def archive(self, release_id: UUID, reason: str, version: int | None) -> tuple[Release, int]:
        release = self._catalogue.get(Release, release_id, version)
        release.archive(reason)
        return release, self._catalogue.save(release)

    def _amend(self, release: Release, metadata: ReleaseMetadata) -> tuple[Release, int]:
        self._know_label(metadata)
        release.amend(metadata, self._catalogue.assets(release.tenant_id, metadata))
        return release, self._catalogue.save(release, *pages_noting(self._catalogue, metadata))

    def _know_label(self, metadata: ReleaseMetadata) -> None:
        if metadata.label is None:
            return
        labels = self._catalogue.get(Tenant, current_cause().tenant_id).labels
        if metadata.label not in labels:
            raise Refused(
                "The label is not known",
                [
                    Problem(
                        "label_unknown",
                        "label",
                        f"There is no label {metadata.label}.",
                        f"Add it first; known are: {', '.join(sorted(labels)) or 'none'}.",
                    )
                ],
            )


def _without(metadata: ReleaseMetadata, disc: int, number: int) -> tuple[Track, ...]:
    return tuple(t for t in metadata.tracks if (t.disc, t.number) != (disc, number))
