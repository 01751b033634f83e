"""What becomes of distributions whose attempt did not end well."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.application.errors import DeliveryFailed, NotFound
from deadwax.application.patience import Patience
from deadwax.application.process import Process
from deadwax.application.retries import next_try
from deadwax.domain import clock
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Refused
from deadwax.domain.failures import FailureCategory, category_of
from deadwax.domain.states import AT_WORK
from deadwax.domain.target import TargetSettings

Members = Sequence[Distribution]


class Endings:
    def __init__(self, patience: Patience, process: Process) -> None:
        self._patience, self._process = patience, process

    def end(self, members: Members, settings: TargetSettings, error: Exception) -> None:
        """Because of `error`. A fault of ours ends the attempt too, with its name."""
        if isinstance(error, Refused):
            self._ask_a_person(members, error)
        elif isinstance(error, DeliveryFailed):
            self._fail(members, settings, error)
        elif isinstance(error, NotFound):
            self._fail(members, settings, DeliveryFailed(FailureCategory.NOT_FOUND, str(error)))
        else:
            self._process.say(members[0], "attempt_broke", exc_info=True)
            detail = f"Internal error: {type(error).__name__}"
            self._fail(members, settings, DeliveryFailed(FailureCategory.UNKNOWN, detail))

    def give_back(self, members: Members, reason: str) -> None:
        self._process.each(at_work(members), lambda d: d.give_back(d.token, reason))

    def _ask_a_person(self, members: Members, refused: Refused) -> None:
        why, problems = category_of(refused.problems), list(refused.problems)
        self._process.each(at_work(members), lambda d: d.need_attention(why, problems))

    def _fail(self, members: Members, settings: TargetSettings, failed: DeliveryFailed) -> None:
        now = clock.now()

        def fail(d: Distribution) -> None:
            self._process.say(d, "attempt_failed", category=failed.category, detail=failed.detail)
            if d.publishing:
                d.give_back(d.token, failed.detail)
            else:
                to = next_try(d, failed, settings, self._patience, now)
                d.fail_attempt(
                    d.token, failed.category, failed.detail, to.at, to.strategy, to.adapted
                )

        self._process.each(at_work(members), fail)


def at_work(members: Members) -> list[Distribution]:
    return [d for d in members if d.status in AT_WORK]
