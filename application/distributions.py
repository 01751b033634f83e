"""What people ask of distributions: distribute, update, take down, retry, hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.domain.cause import current_cause
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release import Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget


class Distributions:
    """Every command returns what it changed and the log position of its last event."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def get(self, id: UUID) -> Distribution:
        return self._catalogue.get(Distribution, id)

    @redone_on_conflict
    def distribute(
        self, release_id: UUID, target_ids: Sequence[UUID], not_before: datetime | None
    ) -> tuple[list[Distribution], int]:
        """One distribution per target, all in one transaction. Those that exist are found,
        not made again; cancelled and removed ones are asked for anew."""
        release = self._catalogue.get(Release, release_id)
        if release.status is not ReleaseStatus.APPROVED:
            raise Refused(
                "The release cannot be distributed",
                [
                    Problem(
                        "release_not_approved",
                        "release_id",
                        f"The release is {release.status}.",
                        "Submit it and have it approved first.",
                    )
                ],
            )
        wanted = [self._one(release, target_id, not_before) for target_id in target_ids]
        return wanted, self._catalogue.save(*wanted)

    def _one(self, release: Release, target_id: UUID, not_before: datetime | None) -> Distribution:
        target = self._catalogue.get(DeliveryTarget, target_id)
        known = self._catalogue.find(Distribution, distribution_id(release.id, target.id))
        if known is None:
            mode = target.settings.mode.value
            return Distribution.request(release.id, target.id, mode, not_before)
        if known.status in (Status.CANCELLED, Status.REMOVED):
            known.renew(not_before)
        return known

    def update(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        """Send the release again as it is now; the new message replaces the earlier one."""
        return self._change(id, lambda d: d.request_update(reason))

    def take_down(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        return self._change(id, lambda d: d.request_takedown(reason))

    def cancel(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        return self._change(id, lambda d: d.cancel(reason))

    def retry(self, id: UUID) -> tuple[Distribution, int]:
        return self._change(id, Distribution.retry)

    def suspend(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        return self._change(id, lambda d: d.suspend(reason))

    def resume(self, id: UUID) -> tuple[Distribution, int]:
        return self._change(id, Distribution.resume)

    def resolve(self, id: UUID, *, delivered: bool, evidence: str) -> tuple[Distribution, int]:
        """A person established what became of a message whose outcome was unknown."""

        def decide(d: Distribution) -> None:
            if delivered:
                found = {"found": "person", "statement": evidence, "by": current_cause().actor}
                d.found_sent(found, expects_answer=True)
            else:
                d.found_unsent()

        return self._change(id, decide)

    @redone_on_conflict
    def _change(
        self, id: UUID, command: Callable[[Distribution], None]
    ) -> tuple[Distribution, int]:
        distribution = self._catalogue.get(Distribution, id)
        command(distribution)
        return distribution, self._catalogue.save(distribution)
