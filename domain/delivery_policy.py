"""How deliveries to one target are to be made: how many at once, how fast, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.errors import InvalidValue
from deadwax.domain.failures import FailureCategory, Strategy
from deadwax.domain.transfer_times import Maintenance, TransferWindow

MOST_CONNECTIONS = 16
MOST_AT_ONCE = 64
LEAST_BYTES_PER_SECOND = 1024
MOST_PER_PERIOD = 1_000_000
MOST_SECONDS = 604_800
MOST_WINDOWS = 100
MOST_MAINTENANCES = 1000


def _within(value: int | None, low: int, high: int, name: str) -> None:
    if value is not None and not low <= value <= high:
        raise InvalidValue(
            f"{name}_invalid", f"{value} is not from {low} to {high}.", "Give a number within."
        )


@dataclass(frozen=True, kw_only=True)
class Rate:
    """At most `messages` deliveries are begun within `seconds`, over all workers."""

    messages: int
    seconds: int
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _within(self.messages, 1, MOST_PER_PERIOD, "rate_messages")
        _within(self.seconds, 1, MOST_SECONDS, "rate_seconds")


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """After `failures` in a row that are the target's, nothing is sent for `seconds`; then one
    delivery tries whether it is back."""

    failures: int = 5
    seconds: int = 60
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _within(self.failures, 1, 1000, "breaker_failures")
        _within(self.seconds, 1, MOST_SECONDS, "breaker_seconds")


@dataclass(frozen=True, kw_only=True)
class Override:
    """What this target's failures of one category call for, instead of the usual."""

    category: FailureCategory
    strategy: Strategy
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class DeliveryPolicy:
    """`connections` are opened by one delivery, each for a file at a time; `at_once` deliveries
    run over all workers. `bytes_per_second` caps one delivery, all its connections together.

    Without `windows` it is always time. `lead_hours` is how long before a release date the
    platform wants a release. `poll_seconds` is how often it is asked what became of messages.
    """

    connections: int = 2
    at_once: int = 8
    bytes_per_second: int | None = None
    rate: Rate | None = None
    windows: tuple[TransferWindow, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    lead_hours: int | None = None
    poll_seconds: int | None = None
    breaker: Breaker = Breaker()
    strategies: tuple[Override, ...] = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        _within(self.connections, 1, MOST_CONNECTIONS, "connections")
        _within(self.at_once, 1, MOST_AT_ONCE, "at_once")
        _within(self.bytes_per_second, LEAST_BYTES_PER_SECOND, 1 << 40, "bytes_per_second")
        _within(self.lead_hours, 0, 8_760, "lead_hours")
        _within(self.poll_seconds, 1, MOST_SECONDS, "poll_seconds")
        _within(len(self.windows), 0, MOST_WINDOWS, "windows")
        _within(len(self.maintenance), 0, MOST_MAINTENANCES, "maintenance")
        named = [override.category for override in self.strategies]
        if len(set(named)) < len(named):
            raise InvalidValue(
                "strategy_twice", "A category is named twice.", "Give one strategy for each."
            )
