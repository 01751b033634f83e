"""What is tried after a failure, and when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from deadwax.application.errors import DeliveryFailed
from deadwax.application.patience import Patience
from deadwax.domain.adapted import Adapted, form_of
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import STRATEGIES, FailureCategory, Recovery, Strategy
from deadwax.domain.target import TargetSettings
from deadwax.domain.uploads import PRIMARY

LONGEST_TOLD = timedelta(days=1)
"""What a server asks us to wait beyond this is not waited for: a person would never hear of it."""

_MOST_DOUBLINGS = 30
_USUAL = Strategy(recovery=Recovery.EXPONENTIAL)
"""Whose times the settings of the installation scale."""

Chance = Callable[[float, float], float]
"""A number between the two."""


@dataclass(frozen=True)
class NextTry:
    """`strategy` with the recovery that is open to the distribution; `at` counts if another
    attempt follows, `adapted` is the form in which the files go then, if another."""

    strategy: Strategy
    at: datetime
    adapted: Adapted | None = None


def next_try(
    d: Distribution,
    failed: DeliveryFailed,
    settings: TargetSettings,
    patience: Patience,
    now: datetime,
    chance: Chance = random.uniform,
) -> NextTry:
    """By the target's own strategy for the category, or the usual one. Never sooner than the
    other side asked for, within LONGEST_TOLD. The other way is taken only if there is one, and
    if it is certain that the platform saw nothing by this one."""
    strategy = strategy_of(settings, failed.category)
    if strategy.recovery is Recovery.ALTERNATIVE_ROUTE and not (
        settings.fallback and d.may_change_route
    ):
        strategy = replace(strategy, recovery=Recovery.EXPONENTIAL)
    adapted = None
    if strategy.recovery is Recovery.ADAPT_CONTENT:
        adapted = other_form(d, settings)
    failures = d.failed_as.get(failed.category, 0)
    at = now
    if not _at_once(strategy.recovery, failures, d.route):
        at += timedelta(seconds=chance(0, _bound(strategy, failures, patience)))
    if strategy.recovery is Recovery.SCHEDULED:
        at = _scheduled(failed, settings, now) or at
    elif failed.retry_after is not None:
        at = max(at, _told(failed.retry_after, now))
    return NextTry(strategy, at, adapted)


def other_form(d: Distribution, settings: TargetSettings) -> Adapted | None:
    """The next of the target's other forms of audio; None if none is left."""
    media = settings.media
    audio = media.audio_after(form_of(media, d.adapted).audio)
    return Adapted(media.audio, audio) if audio else None


def strategy_of(settings: TargetSettings, category: FailureCategory) -> Strategy:
    own = {override.category: override.strategy for override in settings.policy.strategies}
    return own.get(category, STRATEGIES[category])


def _at_once(recovery: Recovery, failures: int, route: str) -> bool:
    """Whether there is reason to hope that waiting changes nothing: new credentials, another form
    or the other way are tried at once, but the way not again and again."""
    return (
        recovery in (Recovery.IMMEDIATE, Recovery.ADAPT_CONTENT)
        or (recovery is Recovery.REFRESH_CREDENTIALS and failures == 0)
        or (recovery is Recovery.ALTERNATIVE_ROUTE and route == PRIMARY)
    )


def _bound(strategy: Strategy, failures: int, patience: Patience) -> float:
    """Full jitter: a wait is anywhere between none and this."""
    base = strategy.base_seconds * patience.retry_base / _USUAL.base_seconds
    cap = strategy.cap_seconds * patience.retry_cap / _USUAL.cap_seconds
    return float(min(cap, base * 2 ** min(failures, _MOST_DOUBLINGS)))


def _scheduled(failed: DeliveryFailed, settings: TargetSettings, now: datetime) -> datetime | None:
    """When the other side said, or else when its maintenance is over."""
    if failed.retry_after is not None:
        return _told(failed.retry_after, now)
    under_way = [m.end for m in settings.policy.maintenance if m.start <= now < m.end]
    return max(under_way, default=None)


def _told(retry_after: datetime, now: datetime) -> datetime:
    return min(max(retry_after, now), now + LONGEST_TOLD)
