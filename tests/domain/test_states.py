"""The state table is complete, and the overall status of a release follows the seed rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.domain.states import (
    AT_WORK,
    GROUPS,
    MOVES,
    WAITING_FOR_PLATFORM,
    WAITING_FOR_TIME,
    WAITING_FOR_WORKER,
    Group,
    Status,
    overall,
)

COUNTS = st.dictionaries(st.sampled_from(Group), st.integers(0, 5))


def test_every_status_has_a_row_in_the_table() -> None:
    assert set(MOVES) == set(Status)


def test_the_statuses_are_those_of_the_product() -> None:
    named = """
        created validating queued scheduled preparing uploading processing_by_platform
        distributed live failed retrying needs_attention updating updated takedown_requested
        removed purge_requested purged rejected cancelled suspended outcome_unknown
    """

    assert {status.value for status in Status} == set(named.split())


def test_no_status_moves_to_itself_and_none_is_a_dead_end() -> None:
    assert all(moves and status not in moves for status, moves in MOVES.items())


def test_every_status_is_reached_from_created() -> None:
    reached, frontier = set[Status](), {Status.CREATED}
    while frontier:
        reached |= frontier
        frontier = {to for status in frontier for to in MOVES[status]} - reached

    assert reached == set(Status)


def test_every_status_has_a_group() -> None:
    assert set(GROUPS) == set(Status)
    assert set(GROUPS.values()) == set(Group)


def test_what_rests_waits_for_nobody_and_everything_else_for_somebody() -> None:
    """A status that nobody waits on would be stuck for ever without anyone noticing."""
    waiting = WAITING_FOR_WORKER | WAITING_FOR_TIME | AT_WORK | WAITING_FOR_PLATFORM
    by_people = {
        *(Status.FAILED, Status.REJECTED, Status.SUSPENDED),
        *(Status.REMOVED, Status.PURGED, Status.CANCELLED),
    }

    assert waiting.isdisjoint(by_people)
    assert waiting | by_people == set(Status)


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ("", "not_started"),
        ("cancelled", "partial"),
        ("removed cancelled", "partial"),
        ("live", "completed"),
        ("distributed live updated", "completed"),
        ("live removed", "completed"),
        ("failed", "failed"),
        ("failed failed cancelled", "failed"),
        ("needs_attention", "needs_attention"),
        ("rejected", "needs_attention"),
        ("live failed needs_attention queued", "needs_attention"),
        ("failed needs_attention", "needs_attention"),
        ("created", "in_progress"),
        ("scheduled", "in_progress"),
        ("live uploading", "in_progress"),
        ("failed retrying", "in_progress"),
        ("live failed outcome_unknown", "in_progress"),
        ("takedown_requested", "in_progress"),
        ("suspended live", "in_progress"),
        ("live failed", "partial"),
        ("distributed failed removed", "partial"),
    ],
)
def test_the_overall_status_of_a_release(statuses: str, expected: str) -> None:
    counts: dict[Group, int] = {}
    for status in statuses.split():
        group = GROUPS[Status(status)]
        counts[group] = counts.get(group, 0) + 1

    assert overall(counts) == expected


@given(COUNTS)
def test_one_of_the_six_is_said_of_any_counts(counts: dict[Group, int]) -> None:
    said = overall(counts)
    present = {group for group, n in counts.items() if n and group is not Group.CLOSED}

    expected = {
        frozenset(): "partial" if any(counts.values()) else "not_started",
        frozenset({Group.COMPLETED}): "completed",
        frozenset({Group.FAILED}): "failed",
        frozenset({Group.COMPLETED, Group.FAILED}): "partial",
    }.get(frozenset(present))
    if expected is None:
        expected = "needs_attention" if Group.NEEDS_ATTENTION in present else "in_progress"
    assert said == expected
