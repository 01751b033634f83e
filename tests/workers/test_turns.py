"""Whose turn it is: nobody waits for ever, and nobody is served twice before another once."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.priority import Priority
from deadwax.workers.turns import Due, Turns

NOON = datetime(2031, 5, 1, 12, tzinfo=UTC)


def due(
    number: int, tenant: int = 1, target: int = 1, priority: str = "normal", minutes: int = 0
) -> Due:
    return Due(
        id=UUID(int=number),
        tenant_id=UUID(int=1000 + tenant),
        target_id=UUID(int=2000 + 10 * tenant + target),
        step="deliver",
        priority=Priority(priority),
        due_at=NOON + timedelta(minutes=minutes),
        position=number,
    )


def all_of(turns: Turns) -> list[Due]:
    taken = []
    while one := turns.take(lambda _: True):
        taken.append(one)
    return taken


WAITING = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.integers(1, 3),
        st.sampled_from(["high", "normal", "low"]),
        st.integers(0, 600),
    ),
    max_size=60,
).map(lambda rows: [due(n, *row) for n, row in enumerate(rows)])


@given(waiting=WAITING)
def test_each_is_handed_out_once(waiting: list[Due]) -> None:
    turns = Turns()
    turns.fill(waiting)
    assert sorted(one.id for one in all_of(turns)) == sorted(one.id for one in waiting)


@given(waiting=WAITING)
def test_while_others_wait_no_tenant_is_served_twice(waiting: list[Due]) -> None:
    turns = Turns()
    turns.fill(waiting)
    left = Counter(one.tenant_id for one in waiting)
    served: Counter[UUID] = Counter()
    for one in all_of(turns):
        left[one.tenant_id] -= 1
        served[one.tenant_id] += 1
        waiting_yet = [tenant for tenant, n in left.items() if n]
        assert all(served[one.tenant_id] <= served[tenant] + 1 for tenant in waiting_yet)


@given(waiting=WAITING)
def test_within_a_target_the_haste_and_the_waiting_decide(waiting: list[Due]) -> None:
    turns = Turns()
    turns.fill(waiting)
    last: dict[UUID, datetime] = {}
    for one in all_of(turns):
        assert last.get(one.target_id, one.turn_at) <= one.turn_at
        last[one.target_id] = one.turn_at


def test_a_low_one_goes_before_what_came_too_much_later() -> None:
    turns = Turns()
    patience = Priority.LOW.patience.total_seconds() / 60
    early = due(1, priority="low")
    turns.fill([due(2, priority="high", minutes=int(patience) + 1), early])
    assert all_of(turns)[0] is early
    turns.fill([early, late := due(3, priority="high", minutes=int(patience) - 1)])
    assert all_of(turns)[0] is late


@given(refills=st.integers(2, 12), tenants=st.integers(1, 6))
def test_with_one_place_for_many_each_has_its_turn(refills: int, tenants: int) -> None:
    """However often it is filled anew, and although there is always more of everybody."""
    turns, served = Turns(), []
    for number in range(refills * tenants):
        turns.fill([due(10 * number + t, tenant=t) for t in range(tenants)])
        one = turns.take(lambda _: True)
        assert one is not None
        served.append(one.tenant_id)
    assert set(Counter(served).values()) == {refills}


def test_a_closed_target_holds_up_nobody_else() -> None:
    turns = Turns()
    closed, other = due(1, target=1), due(2, target=2)
    turns.fill([closed, other])
    assert turns.take(lambda one: one is not closed) is other
    assert turns.take(lambda one: one is not closed) is None
    assert turns.take(lambda _: True) is closed


def test_what_is_prepared_is_not_behind_what_has_no_place_at_its_target() -> None:
    """Who asks for a delivery to a busy target learns at once what is wrong with it."""
    turns = Turns()
    waiting = due(1)
    asked = replace(due(2, minutes=5), step="prepare")
    turns.fill([waiting, asked])
    assert turns.take(lambda one: one is not waiting) is asked
