"""Which distributions a bulk job is about, and where its plan is kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from itertools import islice
from typing import Any, ClassVar, Protocol
from uuid import UUID

from deadwax.application.errors import ApplicationError
from deadwax.application.ports import AssetStore
from deadwax.domain.bulk_terms import BulkAction, Plan
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.failures import FailureCategory
from deadwax.domain.identifiers import Sha256
from deadwax.domain.plain import to_plain
from deadwax.domain.states import Status
from deadwax.domain.texts import Name

MOST_ITEMS = 1_000_000
Pair = tuple[UUID, UUID]
"""A release and a target."""

_LINE = 2 * 36 + 2
_LINES_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True)
class Selection:
    """What all of them meet: each criterion that is given. To distribute, releases by id or by
    their label and release date, each to every one of `target_ids`; for every other action,
    distributions that there are. `assignee` is who looks after a failure."""

    release_ids: tuple[UUID, ...] = ()
    target_ids: tuple[UUID, ...] = ()
    labels: tuple[Name, ...] = ()
    released_from: date | None = None
    released_until: date | None = None
    statuses: tuple[Status, ...] = ()
    categories: tuple[FailureCategory, ...] = ()
    assignee: Name | None = None
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    @property
    def by_release(self) -> bool:
        """Whether releases are chosen by what they are."""
        return bool(self.labels or self.released_from or self.released_until)

    @property
    def by_state(self) -> bool:
        """Whether it is about distributions that there are."""
        return bool(self.statuses or self.categories or self.assignee)

    def described(self) -> dict[str, Any]:
        """In plain JSON; of many ids only how many, for the plan names them."""
        told: dict[str, Any] = to_plain(self)
        for name in ("release_ids", "target_ids"):
            if len(ids := told.pop(name)) > 20:
                told[name.replace("ids", "count")] = len(ids)
            elif ids:
                told[name] = ids
        return {name: value for name, value in told.items() if value}


class Choosing(Protocol):
    """Finds what a selection is about, in the read models, in an order that stays."""

    def releases(self, tenant_id: UUID, selection: Selection) -> Iterator[UUID]:
        """Approved releases, by `labels` and dates."""
        ...

    def distributions(self, tenant_id: UUID, selection: Selection) -> Iterator[Pair]:
        """Distributions, by all criteria."""
        ...


class PlanDamaged(ApplicationError):
    """The kept plan is not what the job was planned with."""

    code = "plan_damaged"


def pairs_of(
    action: BulkAction, selection: Selection, tenant_id: UUID, choosing: Choosing
) -> Iterator[Pair]:
    """The items of a plan, in its order. Refused if the selection is not one for the action."""
    if action is BulkAction.DISTRIBUTE:
        return _to_distribute(selection, tenant_id, choosing)
    if not any(getattr(selection, field.name) for field in fields(selection)):
        raise _refused("selection_missing", "Nothing says which ones.", "Give a criterion.")
    return choosing.distributions(tenant_id, selection)


def _to_distribute(selection: Selection, tenant_id: UUID, choosing: Choosing) -> Iterator[Pair]:
    if selection.by_state:
        raise _refused(
            "selection_not_of_action",
            "What is distributed has no status yet.",
            "Leave out statuses, categories and assignee.",
        )
    if not selection.target_ids:
        raise _refused("targets_missing", "No target is named.", "Give target_ids.")
    if bool(selection.release_ids) is selection.by_release:
        raise _refused(
            "releases_unclear",
            "Releases are named by id, or chosen by label and release date.",
            "Give release_ids, or labels, released_from and released_until.",
        )
    named = dict.fromkeys(selection.release_ids)
    releases = named or choosing.releases(tenant_id, selection)
    targets = list(dict.fromkeys(selection.target_ids))
    return ((release, target) for release in releases for target in targets)


def keep_plan(pairs: Iterable[Pair], assets: AssetStore) -> Plan:
    """Write the plan down, without ever holding all of it. Refused above MOST_ITEMS."""
    counted = _Counted(pairs)
    stored = assets.put(counted.chunks())
    return Plan(sha256=Sha256(stored.sha256), items=counted.items)


def read_plan(plan: Plan, assets: AssetStore, first: int, count: int) -> list[Pair]:
    """At most `count` items from number `first` on."""
    with assets.open(plan.sha256) as file:
        file.seek(first * _LINE)
        lines = file.read(count * _LINE).decode().splitlines()
    if len(lines) != min(count, plan.items - first):
        raise PlanDamaged(f"The plan {plan.sha256} has not {plan.items} items.")
    return [(UUID(line[:36]), UUID(line[37:])) for line in lines]


class _Counted:
    def __init__(self, pairs: Iterable[Pair]) -> None:
        self._pairs, self.items = iter(pairs), 0

    def chunks(self) -> Iterator[bytes]:
        while lines := [f"{r} {t}\n" for r, t in islice(self._pairs, _LINES_AT_ONCE)]:
            self.items += len(lines)
            if self.items > MOST_ITEMS:
                raise _refused(
                    "selection_too_large",
                    f"It is about more than {MOST_ITEMS} distributions.",
                    "Make several jobs.",
                )
            yield "".join(lines).encode()


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The job was not planned", [Problem(code, "selection", message, fix)])
