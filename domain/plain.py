"""Typed values to plain JSON and back, for what events hold.

Only for data we wrote ourselves: values come back exactly as they went in, without
checking again (a rule that was tightened since must not make an old event unreadable).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
Read = Callable[[Any], Any]


def to_plain(value: Any) -> Any:
    """Dataclasses to dicts (fields that are None left out), everything else to JSON types."""
    return _writer(cast(Hashable, type(value)))(value)


def from_plain(cls: type[T], data: Any) -> T:
    """The inverse of `to_plain` for a dataclass, read by its annotations. Fields that the
    class no longer has are left out; a TypeError names one without value or default. Where only
    what lies beside a field tells its class, the class says so in `__plain_kinds__`: a function
    of the stored fields by field name."""
    return cast(T, _dataclass(cast(Hashable, cls))(data))


# Classes and their annotations are looked at once, not again for each value.


@cache
def _writer(cls: Any) -> Read:
    if is_dataclass(cls):
        names = [field.name for field in fields(cls)]

        def write(value: Any) -> dict[str, Any]:
            plain = {}
            for name in names:
                item = getattr(value, name)
                if item is not None:
                    plain[name] = to_plain(item)
            return plain

        return write
    if issubclass(cls, tuple | list):
        return lambda value: [to_plain(item) for item in value]
    if issubclass(cls, dict):
        return lambda value: {str(name): to_plain(item) for name, item in value.items()}
    if issubclass(cls, Enum):
        return lambda value: value.value
    if issubclass(cls, date):
        return lambda value: value.isoformat()
    if issubclass(cls, Decimal | UUID) or (issubclass(cls, str) and cls is not str):
        return str
    return _as_it_is


@cache
def _dataclass(cls: Any) -> Read:
    hints, kinds = get_type_hints(cls), getattr(cls, "__plain_kinds__", {})
    readers = [
        (field, _told_beside(kinds[field.name]) if field.name in kinds else None)
        for field in fields(cls)
    ]
    own = [(f.name, beside, _reader(hints[f.name]), f) for f, beside in readers]

    def read(data: Any) -> Any:
        made = object.__new__(cls)  # not through __init__, where the rules of today are checked
        for name, beside, reader, field in own:
            if name in data:
                value = (beside(data) if beside else reader)(data[name])
            else:
                value = _default(cls, field)
            object.__setattr__(made, name, value)
        return made

    return read


def _told_beside(kind: Callable[[Any], Any]) -> Callable[[Any], Read]:
    return lambda data: _reader(kind(data))


def _default(cls: Any, field: Field[Any]) -> Any:
    if field.default is not MISSING:
        return field.default
    if field.default_factory is not MISSING:
        return field.default_factory()
    raise TypeError(f"{cls.__name__}: {field.name} is missing.")


@cache
def _reader(kind: Any) -> Read:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(tuple(a for a in get_args(kind) if a is not type(None)))
    if origin is tuple:
        item = _reader(get_args(kind)[0])
        return lambda value: None if value is None else tuple([item(v) for v in value])
    if not isinstance(kind, type):
        return _as_it_is
    if is_dataclass(kind):
        return lambda value: None if value is None else _dataclass(kind)(value)
    if kind is date or kind is datetime:
        return lambda value: None if value is None else kind.fromisoformat(value)
    if issubclass(kind, str) and not issubclass(kind, Enum):
        make: Callable[[Any, str], str] = cast(Any, str.__new__)
        return lambda value: None if value is None else make(kind, value)
    make_one: Callable[[Any], Any] = kind
    return lambda value: value if value is None or isinstance(value, kind) else make_one(value)


def _as_it_is(value: Any) -> Any:
    return value


def _union(kinds: tuple[Any, ...]) -> Read:
    if len(kinds) == 1:
        return _reader(kinds[0])
    if not any(is_dataclass(kind) for kind in kinds):  # numbers and words: JSON tells them apart
        return _as_it_is
    return lambda value: None if value is None else _reader(_alternative(kinds, value))(value)


def _alternative(kinds: tuple[Any, ...], value: Any) -> Any:
    """Which of several dataclasses was stored: the first that has every field of `value`, and
    each of whose own fields is there or has a default."""
    for kind in kinds:
        known = {field.name: field.default for field in fields(kind)}
        needed = {name for name, default in known.items() if default is MISSING}
        if needed <= value.keys() <= known.keys():
            return kind
    raise TypeError(f"No kind of value has the fields {', '.join(sorted(value))}.")
