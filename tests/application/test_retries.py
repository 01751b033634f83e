"""When the next attempt is, and by which strategy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projections.histories import SETTINGS

from deadwax.application.errors import DeliveryFailed
from deadwax.application.patience import Patience
from deadwax.application.retries import LONGEST_TOLD, NextTry, next_try
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import MOST_FAILURES, STRATEGIES, FailureCategory, Recovery, Strategy
from deadwax.domain.media.form import MediaForm
from deadwax.domain.plain import from_plain
from deadwax.domain.states import Status
from deadwax.domain.target import TargetSettings

NOW = datetime(2031, 5, 1, 12, tzinfo=UTC)
USUAL = Patience(60, 30, 3600, 60)
FALLBACK = {"protocol": "sftp", "address": SETTINGS["address"]}


def most(low: float, high: float) -> float:
    return high


def preparing(*failed: FailureCategory) -> Distribution:
    """An attempt after some that failed so."""
    with acting(Cause(uuid4(), "key:test", "c")):
        d = Distribution.request(UUID(int=1), UUID(int=2), "test", None)
        d.start_validation()
        d.pass_validation(NOW)
        for category in failed:
            d.start_attempt("w", NOW)
            d.fail_attempt(d.token, category, "", NOW, FOR_EVER)
        d.start_attempt("w", NOW)
    return d


FOR_EVER = Strategy(recovery=Recovery.EXPONENTIAL, attempts=1000)


def settings(**policy: Any) -> TargetSettings:
    fallback = policy.pop("fallback", None)
    return from_plain(TargetSettings, SETTINGS | {"policy": policy, "fallback": fallback})


def follows(
    d: Distribution,
    category: FailureCategory,
    target: TargetSettings,
    retry_after: datetime | None = None,
    patience: Patience = USUAL,
) -> NextTry:
    failed = DeliveryFailed(category, "", retry_after)
    return next_try(d, failed, target, patience, NOW, most)


def wait(*failed: FailureCategory, **rest: Any) -> float:
    category = failed[-1]
    target = rest.pop("target", None) or settings()
    return (follows(preparing(*failed[:-1]), category, target, **rest).at - NOW).total_seconds()


LOST, DOWN, LIMIT = (
    FailureCategory.NETWORK_CONNECTIVITY,
    FailureCategory.API_UNAVAILABLE,
    FailureCategory.API_RATE_LIMIT,
)


def test_waits_double_up_to_an_hour() -> None:
    assert [wait(*[LOST] * n) for n in range(1, 10)] == [
        *(30, 60, 120, 240, 480, 960, 1920, 3600, 3600)
    ]


@given(st.integers(0, 200), st.floats(0, 1))
def test_full_jitter_is_anywhere_up_to_the_bound(failures: int, share: float) -> None:
    d = preparing()
    d.failed_as = {LOST: failures}
    failed = DeliveryFailed(LOST, "")
    to = next_try(d, failed, settings(), USUAL, NOW, lambda low, high: low + share * (high - low))
    assert NOW <= to.at <= NOW + timedelta(seconds=min(3600, 30 * 2.0**failures))


def test_each_category_counts_for_itself() -> None:
    assert wait(LOST, LOST, LOST, DOWN) == 30


def test_the_installation_scales_the_times() -> None:
    assert wait(LOST, LOST, patience=Patience(60, 0.3, 0.5, 60)) == 0.5
    assert wait(LOST, patience=Patience(60, 0, 0, 60)) == 0


def test_a_broken_transfer_is_tried_at_once() -> None:
    assert wait(FailureCategory.INTEGRITY, FailureCategory.INTEGRITY) == 0


def test_another_form_is_tried_at_once_as_long_as_there_is_one() -> None:
    target = replace(settings(), media=MediaForm(audio="wav", other_audio=("flac", "mp3_320")))
    form, d = FailureCategory.CONTENT_FORMAT, preparing()
    tried = []
    with acting(Cause(uuid4(), "key:test", "c")):
        while (to := follows(d, form, target)).adapted is not None:
            assert (to.at, to.strategy.recovery) == (NOW, Recovery.ADAPT_CONTENT)
            tried.append(to.adapted.audio)
            d.fail_attempt(d.token, form, "415", to.at, to.strategy, to.adapted)
            assert d.status is Status.RETRYING
            d.start_attempt("worker", NOW)
        assert tried == ["flac", "mp3_320"]

        d.fail_attempt(d.token, form, "415", to.at, to.strategy, to.adapted)
        assert d.status is Status.NEEDS_ATTENTION


def test_the_other_side_says_when() -> None:
    said = NOW + timedelta(minutes=7)
    assert wait(LIMIT, retry_after=said) == 7 * 60
    assert wait(FailureCategory.INTEGRITY, retry_after=said) == 7 * 60, "never sooner"
    assert wait(LIMIT, retry_after=NOW - timedelta(hours=1)) == 0
    assert wait(LIMIT, retry_after=NOW + timedelta(days=400)) == LONGEST_TOLD.total_seconds()


def test_a_maintenance_is_waited_for() -> None:
    def days(start: int, end: int) -> dict[str, str]:
        return {
            "start": (NOW + timedelta(days=start)).isoformat(),
            "end": (NOW + timedelta(days=end)).isoformat(),
        }

    target = settings(maintenance=[days(-2, -1), days(-1, 2), days(-1, 1), days(3, 4)])
    assert wait(DOWN, target=target) == 2 * 86_400
    assert wait(DOWN, target=settings(maintenance=[days(3, 4)])) == 30
    said = NOW + timedelta(minutes=7)
    assert wait(DOWN, target=target, retry_after=said) == 7 * 60


def test_new_credentials_are_tried_at_once_and_then_with_patience() -> None:
    expired = FailureCategory.AUTH_EXPIRED
    assert (wait(expired), wait(expired, expired)) == (0, 60)


def test_the_other_way_is_tried_at_once_and_the_first_one_again_with_patience() -> None:
    target = settings(fallback=FALLBACK)
    first = follows(preparing(), LOST, target)
    assert (first.strategy.recovery, first.at) == (Recovery.ALTERNATIVE_ROUTE, NOW)
    d = preparing()
    d.route = "fallback"
    assert follows(d, LOST, target).at == NOW + timedelta(seconds=30)


def test_without_another_way_it_is_waited() -> None:
    assert follows(preparing(), LOST, settings()).strategy.recovery is Recovery.EXPONENTIAL


def test_a_target_may_say_otherwise() -> None:
    own = Strategy(recovery=Recovery.EXPONENTIAL, attempts=2, base_seconds=5, cap_seconds=6)
    stored = {"recovery": "exponential", "attempts": 2, "base_seconds": 5.0, "cap_seconds": 6.0}
    target = settings(strategies=[{"category": "auth_invalid", "strategy": stored}])
    assert follows(preparing(), FailureCategory.AUTH_INVALID, target).strategy == own
    refused = [FailureCategory.AUTH_INVALID] * 2
    assert [wait(*refused[:n], target=target) for n in (1, 2)] == [5, 6]
    assert follows(preparing(), LIMIT, target).strategy == STRATEGIES[LIMIT]


def test_ever_other_failures_come_to_an_end_too() -> None:
    """No category alone would have been given up."""
    turns = [category for category, s in STRATEGIES.items() if s.attempts > 1]
    d = preparing()
    with acting(Cause(uuid4(), "key:test", "c")):
        for n in range(1, MOST_FAILURES + 1):
            d.fail_attempt(d.token, turns[n % len(turns)], "", NOW, FOR_EVER)
            assert d.status is (Status.RETRYING if n < MOST_FAILURES else Status.FAILED)
            if d.status is Status.RETRYING:
                d.start_attempt("w", NOW)


@pytest.mark.parametrize("category", list(FailureCategory))
def test_what_is_tried_again_says_when_and_the_rest_does_not(category: FailureCategory) -> None:
    d = preparing()
    with acting(Cause(uuid4(), "key:test", "c")):
        d.fail_attempt(d.token, category, "", NOW)
    assert (d.due_at is not None) == (d.status is Status.RETRYING)
    assert (d.recovery == "needs_a_person") == (d.status is Status.NEEDS_ATTENTION)
