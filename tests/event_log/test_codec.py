"""Events as plain JSON: what goes in comes back, and what would not is refused."""

from __future__ import annotations

import math
import sys
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.application.log import UnknownEventType, UnreadableEvent, UnstorableEvent
from deadwax.domain.aggregate import Created, Event, Root
from deadwax.domain.cause import Cause, acting
from deadwax.infrastructure.event_log.codec import Row, encode, to_event, to_recorded


class Shelf(Root):
    TOPIC = "codec_shelf"


@dataclass(frozen=True)
class ShelfBuilt(Created):
    TOPIC = "codec_shelf.built"
    anything: Any


@dataclass(frozen=True)
class BookPlaced(Event):
    """Version 1 had `name` and no place, version 2 had `titles` and no place."""

    TOPIC = "codec_shelf.book_placed"
    class_version = 3
    titles: list[str]
    place: str
    notes: list[str] = field(default_factory=list)
    lent: bool = False

    @staticmethod
    def upcast_v1_v2(state: dict[str, Any]) -> None:
        state["titles"] = [state.pop("name")]

    @staticmethod
    def upcast_v2_v3(state: dict[str, Any]) -> None:
        state["place"] = f"beside {state['titles'][0]}"


class Colour(Enum):
    RED = 1


class Mood(StrEnum):
    CALM = "calm"


class Title(str):
    __slots__ = ()


CAUSE = Cause(uuid4(), "key:1", "request-1")
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
)
PLAIN = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)
NOT_PLAIN = st.sampled_from(
    [
        (1, 2),
        {1},
        frozenset({"a"}),
        Colour.RED,
        Mood.CALM,
        Title("A"),
        b"bytes",
        uuid4(),
        date(2026, 1, 1),
        datetime(2026, 1, 1, tzinfo=UTC),
        timedelta(1),
        Decimal("1.50"),
        OrderedDict(a=1),
        {1: "a"},
        {None: "a"},
        {Title("A"): 1},
        {"a\0": 1},
        "a\0b",
        "\ud800",
        {"\udfff": 1},
        math.nan,
        math.inf,
        -math.inf,
        2**63,
        -(2**63) - 1,
        object(),
    ]
)


def built(anything: Any, cause: Cause = CAUSE) -> ShelfBuilt:
    with acting(cause):
        return ShelfBuilt(
            originator_id=uuid4(),
            originator_version=1,
            originator_topic="codec_shelf",
            timestamp=Event.create_timestamp(),
            anything=anything,
        )


def row_of(event: Event) -> Row:
    columns = orjson.loads(encode(event))
    return a_row(columns["type"], columns["schema_version"], columns["data"], event)


def a_row(topic: str, schema_version: int, data: dict[str, Any], event: Event) -> Row:
    return (
        17,
        event.event_id,
        event.originator_id,
        event.originator_version,
        topic,
        event.tenant_id,
        event.actor,
        event.correlation_id,
        event.causation_id,
        event.timestamp.astimezone(timezone(timedelta(hours=2))),
        orjson.dumps(data).decode(),
        schema_version,
    )


@given(PLAIN)
def test_plain_json_comes_back_with_the_same_values_and_types(value: Any) -> None:
    event = built(value)
    back = to_event(row_of(event))
    assert back == event
    assert repr(vars(back)["anything"]) == repr(value)
    assert repr(to_recorded(row_of(event)).data) == repr({"anything": value})


@given(NOT_PLAIN, st.lists(st.sampled_from(["list", "dict"]), max_size=4))
def test_anything_else_is_refused_with_type_and_field(value: Any, nesting: list[str]) -> None:
    path = ""
    for kind in nesting:
        value = ["first", value] if kind == "list" else {"first": 1, "inner": value}
        path = ("[1]" if kind == "list" else ".inner") + path
    with pytest.raises(UnstorableEvent) as refused:
        encode(built(value))
    assert str(refused.value).startswith(f"codec_shelf.built: anything{path} ")


def test_bottomless_nesting_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(UnstorableEvent, match="nested deeper"):
        encode(built(loop))


@pytest.mark.parametrize("part", ["actor", "correlation_id", "causation_id"])
def test_an_envelope_that_text_columns_cannot_hold_is_refused(part: str) -> None:
    event = built(1, replace(CAUSE, **{part: "a\0b"}))  # type: ignore[arg-type]
    with pytest.raises(UnstorableEvent, match=f"codec_shelf.built: {part} .*NUL"):
        encode(event)


def test_an_event_under_another_aggregates_topic_is_refused() -> None:
    with acting(CAUSE):
        event = ShelfBuilt(
            originator_id=uuid4(),
            originator_version=1,
            originator_topic="tenant",
            timestamp=Event.create_timestamp(),
            anything=1,
        )
    with pytest.raises(UnstorableEvent, match="must start with"):
        encode(event)


def test_an_event_class_without_a_topic_of_its_own_is_refused() -> None:
    class ShelfBuiltTwice(ShelfBuilt):
        pass

    event = built(1)
    object.__setattr__(event, "__class__", ShelfBuiltTwice)
    with pytest.raises(UnstorableEvent, match="ShelfBuiltTwice has no TOPIC"):
        encode(event)
    assert type(to_event(row_of(built(1)))) is ShelfBuilt


def test_a_naive_timestamp_is_refused() -> None:
    event = built(1)
    object.__setattr__(event, "timestamp", datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(UnstorableEvent, match="time zone"):
        encode(event)


def test_the_envelope_comes_back_in_utc_and_outside_the_data() -> None:
    event = built({"a": 1})
    back, recorded = to_event(row_of(event)), to_recorded(row_of(event))
    assert vars(back) == vars(event)
    assert back.timestamp.tzinfo is UTC
    assert recorded.recorded_at.tzinfo is UTC
    assert (recorded.position, recorded.type) == (17, "codec_shelf.built")
    assert recorded.data == {"anything": {"a": 1}}
    assert isinstance(back.mutate(None), Shelf)


def test_old_versions_are_upcasted_step_by_step() -> None:
    sample = built(1)
    for version, data in ((1, {"name": "Emma"}), (2, {"titles": ["Emma"]})):
        row = a_row("codec_shelf.book_placed", version, data, sample)
        back = to_event(row)
        assert isinstance(back, BookPlaced)
        assert (back.titles, back.place) == (["Emma"], "beside Emma")
        assert to_recorded(row).data == {"titles": ["Emma"], "place": "beside Emma"}


def test_fields_with_defaults_that_an_event_lacks_are_filled_each_with_its_own() -> None:
    row = a_row("codec_shelf.book_placed", 3, {"titles": [], "place": "top"}, built(1))
    one, other = to_event(row), to_event(row)
    assert isinstance(one, BookPlaced)
    assert isinstance(other, BookPlaced)
    assert (one.notes, one.lent) == ([], False)
    assert one.notes is not other.notes
    assert "BookPlaced" in repr(one)


@pytest.mark.parametrize(
    ("data", "named"),
    [({"titles": []}, "place"), ({"titles": [], "place": "", "colour": "red"}, "colour")],
)
def test_data_that_does_not_fit_its_class_is_unreadable(data: dict[str, Any], named: str) -> None:
    with pytest.raises(UnreadableEvent, match=named):
        to_event(a_row("codec_shelf.book_placed", 3, data, built(1)))


def test_an_upcaster_that_fails_makes_the_event_unreadable() -> None:
    row = a_row("codec_shelf.book_placed", 1, {"nom": "Emma"}, built(1))
    for read in (to_event, to_recorded):
        with pytest.raises(UnreadableEvent, match="upcast_v1_v2"):
            read(row)


@pytest.mark.parametrize("topic", ["codec_shelf.burnt", "os:system", "this", "codec_shelf", ""])
def test_only_our_own_event_types_are_known(topic: str) -> None:
    for read in (to_event, to_recorded):
        with pytest.raises(UnknownEventType, match=f"no event type {topic!r}"):
            read(a_row(topic, 1, {}, built(1)))
    assert "this" not in sys.modules


def test_a_newer_schema_version_is_not_guessed_at() -> None:
    row = a_row("codec_shelf.book_placed", 4, {"titles": [], "place": ""}, built(1))
    for read in (to_event, to_recorded):
        with pytest.raises(UnknownEventType, match="schema version 4"):
            read(row)
