"""Each action of a bulk job does to a distribution what its command does to one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from tests.projections.deliveries import Told

from deadwax.application.bulk_actions import COMMANDS, Items, decide
from deadwax.application.catalogue import Catalogue
from deadwax.application.log import EventLog
from deadwax.domain.aggregate import Event
from deadwax.domain.bulk_terms import BulkAction, BulkOrder, Outcome, Result
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory
from deadwax.domain.priority import Priority
from deadwax.domain.texts import Moment, Name

WHY = Name("The whole catalogue.")


def _live(told: Told) -> Told:
    return told.sent().answered("live")


def _failing(told: Told) -> Told:
    return told.tell(
        Distribution.start_validation, lambda d: d.need_attention(FailureCategory.RIGHTS, [])
    )


CASES: list[tuple[BulkAction, dict[str, Any], Callable[[Told], Told], dict[str, Any]]] = [
    (BulkAction.UPDATE, {}, _live, {"reason": WHY, "forced": False}),
    (BulkAction.REDELIVER, {}, _live, {"reason": WHY, "forced": True}),
    (
        BulkAction.TAKEDOWN,
        {"effective": Moment("2099-01-01")},
        _live,
        {"reason": WHY, "effective": "2099-01-01"},
    ),
    (BulkAction.RETRY, {}, _failing, {"status": "validating"}),
    (BulkAction.CANCEL, {}, lambda told: told, {"reason": WHY, "status": "cancelled"}),
    (BulkAction.SUSPEND, {}, lambda told: told, {"reason": WHY, "status": "suspended"}),
    (
        BulkAction.RESUME,
        {},
        lambda told: told.tell(lambda d: d.suspend("wait")),
        {"status": "validating"},
    ),
    (
        BulkAction.PRIORITISE,
        {"priority": Priority.HIGH},
        lambda told: told,
        {"priority": "high"},
    ),
    (
        BulkAction.ASSIGN,
        {"assignee": Name("ida@runout.example")},
        _failing,
        {"assignee": "ida@runout.example", "note": WHY},
    ),
]


class _Log:
    """Holds what was told of one distribution."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def load_all(self, stream_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Event]]:
        return {id: self._told.events for id in stream_ids if id == self._told.id}


def _decided(told: Told, order: BulkOrder) -> tuple[Outcome, list[Distribution]]:
    pair = (told.release_id, told.target_id)
    with acting(Cause(told.tenant_id, "process:worker", "request-2")):
        catalogue = Catalogue(cast(EventLog, _Log(told)))
        items = Items(catalogue, order.action, [pair])
        return decide(order, items, pair), items.changed()


def test_every_action_has_a_case() -> None:
    assert {action for action, *_ in CASES} == set(COMMANDS)
    assert set(COMMANDS) == set(BulkAction) - {BulkAction.DISTRIBUTE}


@pytest.mark.parametrize(
    ("action", "options", "given", "fields"), CASES, ids=[str(case[0]) for case in CASES]
)
def test_an_action_decides_what_its_command_decides(
    action: BulkAction,
    options: dict[str, Any],
    given: Callable[[Told], Told],
    fields: dict[str, Any],
) -> None:
    told = given(Told().queued() if given is _live else Told())
    outcome, changed = _decided(told, BulkOrder(action=action, reason=WHY, **options))
    assert outcome.result is Result.DONE, outcome.problem
    (event,) = changed[0].collect_events()
    assert vars(event).items() >= fields.items()
    assert not any(isinstance(value, Name) for value in vars(event).values())


def test_what_does_not_allow_it_is_refused_with_what_it_allows() -> None:
    outcome, changed = _decided(Told(), BulkOrder(action=BulkAction.RESUME, reason=WHY))
    assert outcome.problem is not None
    assert outcome.problem.code == "illegal_transition"
    assert "cancelled" in outcome.problem.fix
    assert changed == []


def test_what_is_so_already_is_left() -> None:
    order = BulkOrder(action=BulkAction.PRIORITISE, reason=WHY, priority=Priority.NORMAL)
    outcome, changed = _decided(Told(), order)
    assert (outcome.result, changed) == (Result.UNCHANGED, [])


def test_what_was_never_distributed_is_refused() -> None:
    told, order = Told(), BulkOrder(action=BulkAction.RETRY, reason=WHY)
    told.target_id = uuid4()
    outcome, _ = _decided(told, order)
    assert outcome.problem is not None
    assert outcome.problem.code == "distribution_unknown"
