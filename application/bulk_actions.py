"""What a bulk job does to each of its distributions: the very commands that one is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from deadwax.application.bulk_selection import Pair
from deadwax.application.catalogue import Catalogue
from deadwax.application.distributions import requested
from deadwax.domain.bulk_terms import BulkAction, BulkOrder, Outcome, Result
from deadwax.domain.distribution import Distribution
from deadwax.domain.errors import DomainError, IllegalTransition, Problem, Refused
from deadwax.domain.identifiers import distribution_id
from deadwax.domain.priority import Priority
from deadwax.domain.release import Release
from deadwax.domain.target import DeliveryTarget

R = TypeVar("R")
Command = Callable[[Distribution, BulkOrder], object]

COMMANDS: Mapping[BulkAction, Command] = {
    BulkAction.UPDATE: lambda d, order: d.request_update(str(order.reason)),
    BulkAction.REDELIVER: lambda d, order: d.request_update(str(order.reason), forced=True),
    BulkAction.TAKEDOWN: lambda d, order: d.request_takedown(str(order.reason), order.effective),
    BulkAction.RETRY: lambda d, order: d.retry(),
    BulkAction.CANCEL: lambda d, order: d.cancel(str(order.reason)),
    BulkAction.SUSPEND: lambda d, order: d.suspend(str(order.reason)),
    BulkAction.RESUME: lambda d, order: d.resume(),
    BulkAction.PRIORITISE: lambda d, order: d.prioritise(order.priority or Priority.NORMAL),
    BulkAction.ASSIGN: lambda d, order: d.assign(order.assignee, str(order.reason)),
}
"""What is done to a distribution that there is; distribute is the one that makes them."""


class Items:
    """What the decisions about some items need, read in one trip for each kind."""

    def __init__(self, catalogue: Catalogue, action: BulkAction, pairs: Sequence[Pair]) -> None:
        self.distributions = catalogue.find_all(
            Distribution, {distribution_id(*pair) for pair in pairs}
        )
        self.releases: dict[UUID, Release] = {}
        self.targets: dict[UUID, DeliveryTarget] = {}
        if action is BulkAction.DISTRIBUTE:
            self.releases = catalogue.find_all(Release, {release for release, _ in pairs})
            self.targets = catalogue.find_all(DeliveryTarget, {target for _, target in pairs})

    def changed(self) -> list[Distribution]:
        return [d for d in self.distributions.values() if d.pending_events]


def decide(order: BulkOrder, items: Items, pair: Pair) -> Outcome:
    """Do to one what is ordered, without storing it, and say what came of it."""
    try:
        d = _distribution(order, items, pair)
        if order.action is not BulkAction.DISTRIBUTE:
            COMMANDS[order.action](d, order)
    except DomainError as error:
        return _outcome(pair, Result.REFUSED, _problem(error))
    return _outcome(pair, Result.DONE if d.pending_events else Result.UNCHANGED)


def broken(items: Items, pair: Pair, error: Exception) -> Outcome:
    """What is told of one whose decision ended in a fault of ours: nothing of it is stored."""
    items.distributions.pop(distribution_id(*pair), None)
    problem = Problem(
        "internal_error",
        "",
        f"Internal error: {type(error).__name__}.",
        "Read the worker's log by the id of the job, report what it says, then do it again.",
    )
    return _outcome(pair, Result.REFUSED, problem)


def _distribution(order: BulkOrder, items: Items, pair: Pair) -> Distribution:
    id = distribution_id(*pair)
    known = items.distributions.get(id)
    if order.action is BulkAction.DISTRIBUTE:
        release = _found(items.releases, pair[0], "release_id")
        target = _found(items.targets, pair[1], "target_id")
        known = requested(release, target, known, order.not_before, order.priority)
        items.distributions[id] = known
    if known is None:
        raise _missing("distribution_unknown", "release_id", "It was never distributed there.")
    return known


def _found(known: Mapping[UUID, R], id: UUID, field: str) -> R:
    if id not in known:
        what = field.removesuffix("_id")
        raise _missing(f"{what}_unknown", field, f"There is no {what} {id}.")
    return known[id]


def _missing(code: str, field: str, message: str) -> Refused:
    return Refused("It cannot be done", [Problem(code, field, message, "Give the id of one.")])


def _problem(error: DomainError) -> Problem:
    if isinstance(error, Refused):
        return error.problems[0]
    fix = ""
    if isinstance(error, IllegalTransition) and error.allowed:
        fix = f"Allowed now: {', '.join(error.allowed)}."
    return Problem(error.code, "status", str(error), fix)


def _outcome(pair: Pair, result: Result, problem: Problem | None = None) -> Outcome:
    return Outcome(release_id=pair[0], target_id=pair[1], result=result, problem=problem)
