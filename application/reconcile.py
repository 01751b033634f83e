"""An outcome that was not seen: resolved by looking at the server, never by sending again."""

from __future__ import annotations

import hashlib
from contextlib import closing, suppress
from datetime import datetime, timedelta

from deadwax.application.attempt import answers
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed, NotFound
from deadwax.application.patience import Patience
from deadwax.application.ports import AssetStore, Can, Courier, Couriers, OutgoingFile
from deadwax.application.process import Process
from deadwax.application.receipts import Receipts, Seen
from deadwax.application.sending import listed, outgoing
from deadwax.application.stages import files_of
from deadwax.application.ways import way_of
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import DeliveryTarget

_SMALL = 4 << 20
"""What completes a delivery is read back up to this many bytes; it hardly ever has more."""


class Reconciler:
    def __init__(
        self,
        catalogue: Catalogue,
        assets: AssetStore,
        couriers: Couriers,
        receipts: Receipts,
        patience: Patience,
        process: Process,
    ) -> None:
        self._catalogue, self._assets, self._couriers = catalogue, assets, couriers
        self._receipts, self._patience, self._process = receipts, patience, process

    def reconcile(self, d: Distribution, now: datetime) -> None:
        """Ask the server what became of a message whose publishing began, where it began.

        The completing file there, ours to the byte: sent. Its part there: never published, so
        the attempt resumes.
        Neither: the platform took the delivery away, and will tell; a person is told if not.
        """
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        settings, found, part = target.settings, None, False
        try:
            way = way_of(settings, d.route)
            with closing(self._couriers.connect(d.tenant_id, way)) as courier:
                if Can.LOOK in courier.can:
                    found = self._found(d, courier)
                    part = found is None and courier.pending(files_of(d)[-1]["path"])
        except (DeliveryFailed, Refused, NotFound) as why:  # the last: of our own copy
            self._process.say(d, "cannot_look", detail=str(why))
        if found is not None:
            evidence = {
                "found": found.established,
                "route": d.route,
                "files": found.compared(files_of(d)),
                **self._receipts.give(d, settings, way, found),
            }
            d.found_sent(evidence, expects_answer=answers(settings))
        elif part:
            d.found_unsent()
        elif now - d.since > lead_time(target, self._patience):
            d.need_attention(FailureCategory.UNKNOWN, [unanswered(d)])
        else:
            return
        self._catalogue.save(d)

    def _found(self, d: Distribution, courier: Courier) -> Seen | None:
        """What stands at the server, if the message was published there. The platform may have
        begun to take its files away."""
        *content, completing = (outgoing(file, self._assets) for file in files_of(d))
        how = _compared(courier, completing)
        if how is None:
            return None
        verified = {completing.path: how}
        for file in content:
            with suppress(DeliveryFailed, NotFound):
                verified[file.path] = courier.verify(file)
        listing = listed(courier, files_of(d))
        role = files_of(d)[-1].get("role", "manifest")
        return Seen(established=role, verified=verified, listing=listing)


def lead_time(target: DeliveryTarget, patience: Patience) -> timedelta:
    """How long its platform may take to answer."""
    hours = target.settings.choreography.answer_hours
    return timedelta(hours=hours) if hours else timedelta(seconds=patience.answer)


def unanswered(d: Distribution) -> Problem:
    assert d.message is not None
    return Problem(
        "no_answer",
        "platform",
        f"The platform has not said what became of message {d.message['id']}.",
        "Ask the platform, then resolve the distribution with what it said.",
    )


def _compared(courier: Courier, file: OutgoingFile) -> str | None:
    """By which means it is certain that exactly these bytes stand at the target, not only as
    many; None if they do not."""
    if courier.size(file.path) != file.size:
        return None
    if Can.FETCH in courier.can and file.size <= _SMALL:
        data = courier.fetch(file.path, file.size)
        return "sha256" if hashlib.sha256(data).hexdigest() == file.sha256 else None
    try:
        return courier.verify(file)
    except DeliveryFailed as failed:
        if failed.category is FailureCategory.INTEGRITY:
            return None
        raise
