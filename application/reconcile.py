"""An outcome that was not seen: resolved by looking at the server, never by sending again."""

from __future__ import annotations

import hashlib
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from deadwax.application.attempt import answers
from deadwax.application.catalogue import Catalogue
from deadwax.application.errors import DeliveryFailed
from deadwax.application.patience import Notice, Patience
from deadwax.application.ports import Can, Courier, Couriers
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import DeliveryTarget


class Reconciler:
    def __init__(
        self, catalogue: Catalogue, couriers: Couriers, patience: Patience, notice: Notice
    ) -> None:
        self._catalogue, self._couriers = catalogue, couriers
        self._patience, self._notice = patience, notice

    def reconcile(self, d: Distribution, now: datetime) -> None:
        """Ask the server what became of a message whose publishing began.

        The completing file there, ours to the byte: sent. Its part there: never published, so
        the attempt resumes.
        Neither: the platform took the delivery away, and will tell; a person is told if not.
        """
        assert d.message is not None
        completing = d.message["files"][-1]
        target = self._catalogue.get(DeliveryTarget, d.target_id)
        try:
            with closing(self._couriers.connect(d.tenant_id, target.settings)) as courier:
                looks = Can.LOOK in courier.can
                whole = looks and _stands(courier, completing)
                part = looks and courier.pending(completing["path"])
        except DeliveryFailed as failed:
            self._notice("cannot_look", distribution_id=str(d.id), detail=failed.detail)
            whole = part = False
        if whole:
            found = {"found": completing.get("role", "manifest"), "files": d.message["files"]}
            d.found_sent(found, expects_answer=answers(target))
        elif part:
            d.found_unsent()
        elif now - d.since > lead_time(target, self._patience):
            d.need_attention(FailureCategory.UNKNOWN, [unanswered(d)])
        else:
            return
        self._catalogue.save(d)


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


def _stands(courier: Courier, file: dict[str, Any]) -> bool:
    """Whether exactly these bytes stand at the target, not only as many."""
    if courier.size(file["path"]) != file["size"]:
        return False
    data = courier.fetch(file["path"], file["size"])
    return bool(hashlib.sha256(data).hexdigest() == file["sha256"])
