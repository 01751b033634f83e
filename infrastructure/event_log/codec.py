"""Events to rows of the log and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson

from deadwax.application.log import Recorded, UnreadableEvent, UnstorableEvent
from deadwax.domain.aggregate import Event
from deadwax.infrastructure.event_log.event_types import (
    EventType,
    event_type_named,
    event_type_of,
)
from deadwax.infrastructure.event_log.plain_json import defect

# data as text: orjson reads it much faster than the driver's own reader of json columns.
COLUMNS = (
    "position, event_id, stream_id, version, type, tenant_id, actor,"
    " correlation_id, causation_id, recorded_at, data::text, schema_version"
)
Row = tuple[int, UUID, UUID, int, str, UUID, str, str, str | None, datetime, str, int]


def encode(event: Event) -> str:
    """The event as a JSON object with one member per column; `data` in it is stored byte for
    byte. Raises UnstorableEvent, naming type and field, rather than change a value's type."""
    kind = event_type_of(type(event))
    state = vars(event)
    data = {name: state[name] for name in kind.own_fields}
    _refuse_unstorable(kind, event, data)
    row = {
        "event_id": event.event_id,
        "stream_id": event.originator_id,
        "version": event.originator_version,
        "type": kind.topic,
        "schema_version": kind.version,
        "tenant_id": event.tenant_id,
        "actor": event.actor,
        "correlation_id": event.correlation_id,
        "causation_id": event.causation_id,
        "recorded_at": event.timestamp,
        "data": data,
    }
    return orjson.dumps(row).decode()


def to_event(row: Row) -> Event:
    """The event as it was appended, its data brought to the latest version of its class."""
    kind = event_type_named(row[4])
    state = _own_state(kind, row[11], row[10])
    state["event_id"] = row[1]
    state["originator_id"] = row[2]
    state["originator_version"] = row[3]
    state["tenant_id"] = row[5]
    state["actor"] = row[6]
    state["correlation_id"] = row[7]
    state["causation_id"] = row[8]
    state["timestamp"] = row[9].astimezone(UTC)
    if kind.aggregate_topic:
        state["originator_topic"] = kind.aggregate_topic
    # Not through __init__, which would ask who acts now.
    event = object.__new__(kind.cls)
    object.__setattr__(event, "__dict__", state)
    return event


def to_recorded(row: Row) -> Recorded:
    """The event as data, its own fields brought to the latest version of its class."""
    data = _data(event_type_named(row[4]), row[11], row[10])
    return Recorded(*row[:9], row[9].astimezone(UTC), data)


def _data(kind: EventType, version: int, text: str) -> dict[str, Any]:
    data: dict[str, Any] = orjson.loads(text)
    if version != kind.version:
        kind.upcast(version, data)
    return data


def _own_state(kind: EventType, version: int, text: str) -> dict[str, Any]:
    state = _data(kind, version, text)
    expected = kind.own_fields
    if state.keys() != expected.keys():
        for name, make_default in expected.items():
            if make_default and name not in state:
                state[name] = make_default()
        if wrong := sorted(state.keys() ^ expected.keys()):
            raise UnreadableEvent(
                f"{kind.topic}: fields {wrong} are missing in the stored event or unknown to its "
                f"class; raise class_version and add upcast_v{version}_v{version + 1}."
            )
    return state


def _refuse_unstorable(kind: EventType, event: Event, data: dict[str, Any]) -> None:
    if not kind.topic:
        raise UnstorableEvent(f"{type(event).__name__} has no TOPIC of its own.")
    if event.timestamp.tzinfo is None:
        raise UnstorableEvent(f"{kind.topic}: timestamp has no time zone.")
    named = getattr(event, "originator_topic", None)
    if named != kind.aggregate_topic:
        raise UnstorableEvent(
            f"{kind.topic} creates a {named!r}: its topic must start with that aggregate's TOPIC."
        )
    for name in ("actor", "correlation_id", "causation_id"):
        _refuse_defect(kind, name, getattr(event, name))
    for name, value in data.items():
        _refuse_defect(kind, name, value)


def _refuse_defect(kind: EventType, field: str, value: Any) -> None:
    if found := defect(value):
        where, what = found
        raise UnstorableEvent(
            f"{kind.topic}: {field}{where} is or holds {what}; events hold plain JSON."
        )
