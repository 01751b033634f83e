"""What people ask of distributions: distribute, update, take down, retry, hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.packaging import PURGE_NOT_IN_BATCH
from deadwax.application.specs import Specs
from deadwax.domain.cause import current_cause
from deadwax.domain.differences import Change
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.release import Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget
from deadwax.domain.texts import Moment


class Distributions:
    """Every command returns what it changed and the log position of its last event."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._specs = catalogue, Specs(catalogue)

    def get(self, id: UUID) -> Distribution:
        return self._catalogue.get(Distribution, id)

    @redone_on_conflict
    def distribute(
        self, release_id: UUID, target_ids: Sequence[UUID], not_before: datetime | None
    ) -> tuple[list[Distribution], int]:
        """One distribution per target, all in one transaction. Those that exist are found,
        not made again; cancelled, removed and purged ones are asked for anew."""
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
        if known.status in (Status.CANCELLED, Status.REMOVED, Status.PURGED):
            known.renew(not_before)
        return known

    def update(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        """Send the release again as it is now; the new message replaces the earlier one. If it
        would say what the platform accepted last, it ends without a message."""
        return self._change(id, lambda d: d.request_update(reason))

    def changes(self, id: UUID) -> tuple[Distribution, list[Change] | None]:
        """What an update would say otherwise than the message sent last; None where there is
        none to compare with."""
        d = self.get(id)
        return d, self._specs.changes(d)

    def take_down(
        self, id: UUID, reason: str, effective: Moment | None = None
    ) -> tuple[Distribution, int]:
        """Have the release removed, at once or when `effective` comes."""
        if effective is not None and effective.is_past(datetime.now(UTC)):
            problem = Problem(
                "takedown_in_the_past",
                "effective",
                f"{effective} is over everywhere.",
                "Give a moment to come, or none to take it down at once.",
            )
            raise Refused("The release is not taken down", [problem])
        return self._change(id, lambda d: d.request_takedown(reason, effective))

    def purge(self, id: UUID, reason: str, icpn: str) -> tuple[Distribution, int]:
        """Have what was taken down deleted for good; `icpn` confirms what."""
        target = self._catalogue.get(DeliveryTarget, self.get(id).target_id)
        if target.settings.choreography.has_manifest:
            raise Refused("The release is not purged", [PURGE_NOT_IN_BATCH])
        return self._change(id, lambda d: d.request_purge(reason, icpn))

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
