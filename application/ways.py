"""A target's two ways to its platform, and which of them a delivery takes."""

from __future__ import annotations

from collections.abc import Sequence

from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.target import Route, TargetSettings
from deadwax.domain.uploads import FALLBACK, PRIMARY

_RATE_WORTH_A_CONNECTION = 512 << 10
"""Below this many bytes per second a further connection would mostly wait for the others."""

Way = TargetSettings | Route


def route_of(members: Sequence[Distribution], settings: TargetSettings) -> str:
    """The way that all members take: where one has to stay, else where all would go, else the
    usual one."""
    fixed = {d.uploads[-1].route for d in members if d.uploads and not d.may_change_route}
    wanted = fixed or {d.route for d in members}
    if wanted == {FALLBACK} and (fixed or settings.fallback):
        return FALLBACK
    return PRIMARY


def way_of(settings: TargetSettings, route: str) -> Way:
    """Raises Refused where the target does not have it any more."""
    if route == PRIMARY:
        return settings
    if settings.fallback is None:
        raise Refused(
            "The way that was taken is not known any more",
            [
                Problem(
                    "fallback_missing",
                    "fallback",
                    "Files of this message were brought to the target's fallback, which is gone.",
                    "Give the target its fallback again, then retry.",
                )
            ],
        )
    return settings.fallback


def connections_of(settings: TargetSettings) -> int:
    """How many one delivery opens."""
    policy = settings.policy
    if policy.bytes_per_second is None:
        return policy.connections
    return min(policy.connections, 1 + policy.bytes_per_second // _RATE_WORTH_A_CONNECTION)
