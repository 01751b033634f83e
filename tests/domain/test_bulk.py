"""A bulk job: whatever is asked of it, each item is checked and carried out once, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from deadwax.domain.bulk import BULK_MOVES, BulkJob
from deadwax.domain.bulk_events import BulkStatus, ItemsCarriedOut, ItemsChecked
from deadwax.domain.bulk_terms import BulkAction, BulkOrder, Outcome, Plan, Result, Tally
from deadwax.domain.errors import IllegalTransition, Problem, Refused
from deadwax.domain.identifiers import Sha256
from deadwax.domain.texts import Name

ORDER = BulkOrder(action=BulkAction.RETRY, reason=Name("The network is back."))
PROBLEM = Problem("illegal_transition", "status", "It is live.")


def job(items: int, *, run_when_checked: bool = False) -> BulkJob:
    plan = Plan(sha256=Sha256("a" * 64), items=items)
    return BulkJob.begin(uuid4(), ORDER, plan, {}, run_when_checked=run_when_checked)


def outcomes(results: str) -> list[Outcome]:
    """d: done, u: unchanged, r: refused."""
    kinds = {"d": Result.DONE, "u": Result.UNCHANGED, "r": Result.REFUSED}
    return [
        Outcome(
            release_id=UUID(int=n),
            target_id=UUID(int=1),
            result=kinds[letter],
            problem=PROBLEM if letter == "r" else None,
        )
        for n, letter in enumerate(results)
    ]


def test_a_selection_of_nothing_is_refused() -> None:
    with pytest.raises(Refused, match="Nothing is selected"):
        job(0)


def test_a_job_runs_by_itself_only_if_it_was_asked_to() -> None:
    asked, not_asked = job(2, run_when_checked=True), job(2)
    for one in (asked, not_asked):
        one.note_checked(outcomes("dr"))
    assert (asked.status, not_asked.status) == (BulkStatus.RUNNING, BulkStatus.CHECKED)


def test_more_items_than_there_are_cannot_be_noted() -> None:
    with pytest.raises(ValueError, match="not more than are left"):
        job(2).note_checked(outcomes("ddd"))
    with pytest.raises(ValueError, match="has items"):
        job(2).note_checked([])


def test_an_event_names_a_few_of_the_refused_and_counts_all() -> None:
    one = job(20)
    one.note_checked(outcomes("r" * 9 + "du" * 2))
    event = one.pending_events[-1]
    assert isinstance(event, ItemsChecked)
    assert len(event.examples) == 5
    assert event.tally == {"done": 2, "unchanged": 2, "refused": {"illegal_transition": 9}}
    assert Tally.of(outcomes("")) == Tally()


class AnyJob(RuleBasedStateMachine):
    @initialize(items=st.integers(1, 30), by_itself=st.booleans())
    def begin(self, items: int, by_itself: bool) -> None:
        self.job = job(items, run_when_checked=by_itself)
        self.stored: list[Any] = list(self.job.collect_events())
        self.results: list[Any] = []

    def _try(self, command: Callable[[BulkJob], Any]) -> None:
        before = _state(self.job)
        try:
            made = command(self.job)
        except IllegalTransition:
            assert _state(self.job) == before
            assert not self.job.collect_events()
        else:
            self.stored += self.job.collect_events()
            if made is not None:
                self.results += made.collect_events()

    @rule(results=st.text("dur", min_size=1, max_size=12))
    def check(self, results: str) -> None:
        some = outcomes(results)[: self.job.plan.items - self.job.checked]
        if some:
            self._try(lambda job: job.note_checked(some))

    @rule(results=st.text("dur", min_size=1, max_size=12))
    def carry_out(self, results: str) -> None:
        some = outcomes(results)[: self.job.plan.items - self.job.done]
        if some:
            self._try(lambda job: job.note_done(some))

    @rule(command=st.sampled_from([BulkJob.start, BulkJob.go_on, lambda j: j.stop("wait")]))
    def ask(self, command: Callable[[BulkJob], Any]) -> None:
        self._try(command)

    @invariant()
    def every_move_is_in_the_table(self) -> None:
        now = BulkStatus.PLANNED
        for event in self.stored[1:]:
            to = BulkStatus(event.status)
            assert to is now or to in BULK_MOVES[now]
            now = to
        assert now is self.job.status

    @invariant()
    def each_item_is_checked_and_carried_out_once_and_in_order(self) -> None:
        for kind, upto in ((ItemsChecked, self.job.checked), (ItemsCarriedOut, self.job.done)):
            bits = [e for e in self.stored if isinstance(e, kind)]
            assert [e.first for e in bits] == [
                sum(b.count for b in bits[:n]) for n in range(len(bits))
            ]
            assert sum(e.count for e in bits) == upto <= self.job.plan.items

    @invariant()
    def nothing_is_carried_out_before_all_is_checked(self) -> None:
        assert not self.job.done or self.job.checked == self.job.plan.items

    @invariant()
    def results_are_recorded_with_each_bit(self) -> None:
        bits = [e for e in self.stored if isinstance(e, ItemsCarriedOut)]
        assert [(e.first, len(e.results)) for e in self.results] == [
            (e.first, e.count) for e in bits
        ]
        assert len({e.originator_id for e in self.results}) == len(self.results)

    @invariant()
    def a_replay_gives_the_same(self) -> None:
        replayed: Any = None
        for event in self.stored:
            replayed = event.mutate(replayed)
        assert _state(replayed) == _state(self.job)

    @invariant()
    def it_is_finished_when_all_is_carried_out(self) -> None:
        finished = self.job.done == self.job.plan.items
        assert finished == (self.job.status is BulkStatus.FINISHED)


def _state(job: BulkJob) -> dict[str, Any]:
    return {k: v for k, v in vars(job).items() if k != "_pending_events"}


AnyJob.TestCase.settings = settings(
    settings.get_profile("repeatable"), max_examples=200, stateful_step_count=25
)
TestAnyJob = AnyJob.TestCase
