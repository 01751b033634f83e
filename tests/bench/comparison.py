"""Comparing what we do with the raw limit beside it, in turn, in one run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from statistics import median

Measure = Callable[[], float]


class Unavailable(Exception):
    """What a bench compares with is not here, and why."""


@dataclass(frozen=True)
class Result:
    """Medians over `runs` rounds, in `unit`. `ratio` above 1 means ours is the better."""

    name: str
    ours: float
    peer: float
    peer_name: str
    ratio: float
    unit: str
    runs: int

    def as_json(self) -> str:
        return json.dumps(asdict(self))

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.ours:,.1f} {self.unit}, {self.peer_name} {self.peer:,.1f},"
            f" ratio {self.ratio:.2f} ({self.runs} runs)"
        )


Bench = Callable[[], Result]
BENCHES: dict[str, Bench] = {}


def bench(name: str) -> Callable[[Bench], Bench]:
    """Registers a bench; a module of this package registers its own when imported."""

    def register(function: Bench) -> Bench:
        assert name not in BENCHES, f"there are two benches {name}"
        BENCHES[name] = function
        return function

    return register


def compare(
    name: str,
    *,
    ours: Measure,
    peer: Measure,
    peer_name: str,
    unit: str,
    rounds: int = 5,
    less_is_better: bool = False,
) -> Result:
    """Each round measures both sides, the other one first in every second round."""
    figures: dict[Measure, list[float]] = {ours: [], peer: []}
    for number in range(rounds):
        for side in (ours, peer) if number % 2 == 0 else (peer, ours):
            figures[side].append(side())
    ours_median, peer_median = median(figures[ours]), median(figures[peer])
    ratio = peer_median / ours_median if less_is_better else ours_median / peer_median
    return Result(
        name, round(ours_median, 3), round(peer_median, 3), peer_name, round(ratio, 3), unit, rounds
    )
