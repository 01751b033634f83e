"""What people ask of distributions: distribute, update, take down, retry, hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.application.packaging import PURGE_NOT_IN_BATCH
from deadwax.application.specs import Specs
from deadwax.domain import clock
from deadwax.domain.cause import current_cause
from deadwax.domain.differences import Change
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.priority import Priority
from deadwax.domain.release import Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.states import Status
from deadwax.domain.target import DeliveryTarget, Mode
from deadwax.domain.texts import Moment


class Distributions:
    """Every command returns what it changed and the log position of its last event."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._specs = catalogue, Specs(catalogue)

    def get(self, id: UUID) -> Distribution:
        return self._catalogue.get(Distribution, id)

    @redone_on_conflict
    def distribute(
        self,
        release_id: UUID,
        target_ids: Sequence[UUID],
        not_before: datetime | None,
        priority: Priority | None = None,
    ) -> tuple[list[Distribution], int]:
        """One distribution per target, all in one transaction. Those that exist are found,
        not made again; cancelled, removed and purged ones are asked for anew."""
        release = self._catalogue.get(Release, release_id)
        wanted = []
        for target_id in target_ids:
            target = self._catalogue.get(DeliveryTarget, target_id)
            known = self._catalogue.find(Distribution, distribution_id(release.id, target.id))
            wanted.append(requested(release, target, known, not_before, priority))
        return wanted, self._catalogue.save(*wanted)

    @redone_on_conflict
    def deliver_for_test(self, release_id: UUID, target_id: UUID) -> tuple[Distribution, int]:
        """Distribute to a test target, whole and again if it has it already; Refused for a live
        one."""
        target = self._catalogue.get(DeliveryTarget, target_id)
        if target.settings.mode is not Mode.TEST:
            problem = Problem(
                "target_is_live",
                "target_id",
                f"{target.settings.platform} is a live target.",
                "Give a test target of the platform, or distribute the release.",
            )
            raise Refused("It is not delivered for test", [problem])
        release = self._catalogue.get(Release, release_id)
        known = self._catalogue.find(Distribution, distribution_id(release.id, target.id))
        wanted = requested(release, target, known, None)
        if wanted is known and not wanted.pending_events:
            wanted.request_update("Delivered for test.", forced=True)
        return wanted, self._catalogue.save(wanted)

    def update(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        """Send the release again as it is now; the new message replaces the earlier one. If it
        would say what the platform accepted last, it ends without a message."""
        return self._change(id, lambda d: d.request_update(reason))

    def redeliver(self, id: UUID, reason: str) -> tuple[Distribution, int]:
        """Send everything again, with all files, also if nothing changed."""
        return self._change(id, lambda d: d.request_update(reason, forced=True))

    def override(self, id: UUID, status: Status, reason: str) -> tuple[Distribution, int]:
        """Take a person's word for where it stands."""
        return self._change(id, lambda d: d.override_status(status, reason))

    def assign(self, id: UUID, assignee: str | None, note: str) -> tuple[Distribution, int]:
        """Have somebody look after what went wrong with it, or nobody any more."""
        return self._change(id, lambda d: d.assign(assignee, note))

    def prioritise(self, id: UUID, priority: Priority) -> tuple[Distribution, int]:
        return self._change(id, lambda d: d.prioritise(priority))

    def changes(self, id: UUID) -> tuple[Distribution, list[Change] | None]:
        """What an update would say otherwise than the message sent last; None where there is
        none to compare with."""
        d = self.get(id)
        return d, self._specs.changes(d)

    def take_down(
        self, id: UUID, reason: str, effective: Moment | None = None
    ) -> tuple[Distribution, int]:
        """Have the release removed, at once or when `effective` comes."""
        refuse_past(effective)
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


def requested(
    release: Release,
    target: DeliveryTarget,
    known: Distribution | None,
    not_before: datetime | None,
    priority: Priority | None = None,
) -> Distribution:
    """The distribution of a release on a target: the one there is already, asked for anew if it
    ended, or a new one, of normal priority unless another is given. Refused for a release that is
    not approved."""
    if release.status is not ReleaseStatus.APPROVED:
        problem = Problem(
            "release_not_approved",
            "release_id",
            f"The release is {release.status}.",
            "Submit it and have it approved first.",
        )
        raise Refused("The release cannot be distributed", [problem])
    if known is None:
        mode = target.settings.mode.value
        wanted = priority or Priority.NORMAL
        return Distribution.request(release.id, target.id, mode, not_before, wanted)
    if known.status in (Status.CANCELLED, Status.REMOVED, Status.PURGED):
        known.renew(not_before)
        known.prioritise(priority or known.priority)
    return known


def refuse_past(effective: Moment | None) -> None:
    """Refused for a takedown at a moment that is over."""
    if effective is not None and effective.is_past(clock.now()):
        problem = Problem(
            "takedown_in_the_past",
            "effective",
            f"{effective} is over everywhere.",
            "Give a moment to come, or none to take it down at once.",
        )
        raise Refused("The release is not taken down", [problem])
