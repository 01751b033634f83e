"""What differs between two documents is named field by field, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.domain.complete import ARTISTS, COMPLETE, DEAL, places, track

from deadwax.domain.deals import Price
from deadwax.domain.differences import differences
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import to_plain
from deadwax.domain.texts import Currency, Name

EUROS = Price(amount=Decimal("5.49"), currency=Currency("EUR"))


def told(after: ReleaseMetadata) -> list[tuple[str, Any, Any]]:
    found = differences(to_plain(COMPLETE), to_plain(after))
    return [(change.field, change.before, change.after) for change in found]


def test_nothing_changed() -> None:
    assert told(COMPLETE) == []
    assert told(replace(COMPLETE, tracks=COMPLETE.tracks[::-1])) == [
        ("tracks", ["GBAYE6900001", "GBAYE6900002"], ["GBAYE6900002", "GBAYE6900001"])
    ]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (replace(COMPLETE, title=Name("Other")), ("title", "Groove", "Other")),
        (replace(COMPLETE, version=Name("Live")), ("version", None, "Live")),
        (replace(COMPLETE, genre=None), ("genre", "Rock", None)),
        (
            replace(COMPLETE, tracks=(track(1), track(2, title=Name("B side")))),
            ("tracks[GBAYE6900002].title", "Track 2", "B side"),
        ),
        (
            replace(COMPLETE, tracks=(track(1),)),
            ("tracks[GBAYE6900002]", to_plain(track(2)), None),
        ),
        (
            replace(COMPLETE, tracks=(*COMPLETE.tracks, track(3))),
            ("tracks[GBAYE6900003]", None, to_plain(track(3))),
        ),
        (
            replace(COMPLETE, artists=(ARTISTS[0],)),
            ("artists[Grace]", to_plain(ARTISTS[1]), None),
        ),
        (
            replace(COMPLETE, deals=(replace(DEAL, price=EUROS),)),
            ("deals[0].price", None, {"amount": "5.49", "currency": "EUR"}),
        ),
        (
            replace(COMPLETE, deals=(replace(DEAL, territories=places("DE")),)),
            ("deals[0].territories.included", ["DE", "FR"], ["DE"]),
        ),
        (
            replace(COMPLETE, deals=(DEAL, replace(DEAL, promotional=True))),
            ("deals[1]", None, to_plain(replace(DEAL, promotional=True))),
        ),
    ],
)
def test_one_change_is_told_as_one(after: ReleaseMetadata, expected: tuple[str, Any, Any]) -> None:
    assert told(after) == [expected]


def test_a_track_that_moves_is_compared_with_itself() -> None:
    moved = (replace(track(1), number=2), replace(track(2), number=1))

    assert told(replace(COMPLETE, tracks=moved)) == [
        ("tracks[GBAYE6900001].number", 1, 2),
        ("tracks[GBAYE6900002].number", 2, 1),
    ]


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(0, 3) | st.sampled_from(["", "a", "b"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["isrc", "name", "x"]), inner, max_size=3),
        st.lists(st.fixed_dictionaries({"isrc": st.sampled_from("PQRS"), "x": inner}), max_size=3),
    ),
    max_leaves=12,
)
DOCUMENTS = st.dictionaries(st.sampled_from("abc"), PLAIN, max_size=3)


def bare(value: Any) -> Any:
    """Without what says nothing."""
    if isinstance(value, dict):
        kept = {name: bare(item) for name, item in value.items()}
        return {name: item for name, item in kept.items() if item is not None} or None
    if isinstance(value, list):
        return [bare(item) for item in value] or None
    return value


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_documents_are_the_same_exactly_if_nothing_differs(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    found = differences(before, after)

    if not found:
        assert bare(before) == bare(after)
    assert bool(differences(after, before)) == bool(found)
    assert all(change.before != change.after for change in found)
    assert len({change.field for change in found}) == len(found)
