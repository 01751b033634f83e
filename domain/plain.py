"""Typed values to plain JSON and back, for what events hold.

Only for data we wrote ourselves: values come back exactly as they went in, without
checking again (a rule that was tightened since must not make an old event unreadable).
"""

from __future__ import annotations

import types
from collections.abc import Hashable
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """Dataclasses to dicts (fields that are None left out), everything else to JSON types."""
    if is_dataclass(value) and not isinstance(value, type):
        items = ((f.name, to_plain(getattr(value, f.name))) for f in fields(value))
        return {name: plain for name, plain in items if plain is not None}
    if isinstance(value, tuple | list):
        return [to_plain(item) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return str(value) if isinstance(value, str) else value


def from_plain(cls: type[T], data: Any) -> T:
    """The inverse of `to_plain` for a dataclass, read by its annotations. Fields that the
    class no longer has are left out; a TypeError names one without value or default. Where only
    what lies beside a field tells its class, the class says so in `__plain_kinds__`: a function
    of the stored fields by field name."""
    hints = _hints(cast(Hashable, cls))
    kinds = {name: kind(data) for name, kind in getattr(cls, "__plain_kinds__", {}).items()}
    made = object.__new__(cls)  # not through __init__, where the rules of today are checked
    for field in fields(cast(Any, cls)):
        kind = kinds.get(field.name, hints[field.name])
        value = _read(kind, data[field.name]) if field.name in data else _default(field)
        if value is MISSING:
            raise TypeError(f"{cls.__name__}: {field.name} is missing.")
        object.__setattr__(made, field.name, value)
    return made


def _default(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@cache
def _hints(cls: Any) -> dict[str, Any]:
    return get_type_hints(cls)


def _read(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read(_alternative([a for a in get_args(kind) if a is not type(None)], value), value)
    if origin is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    if is_dataclass(kind):
        return from_plain(kind, value) if isinstance(kind, type) else value
    if kind is date or kind is datetime:
        return kind.fromisoformat(value)
    if isinstance(kind, type) and issubclass(kind, str) and not issubclass(kind, Enum):
        return str.__new__(kind, value)
    return kind(value) if isinstance(kind, type) and not isinstance(value, kind) else value


def _alternative(kinds: list[Any], value: Any) -> Any:
    """Which of several dataclasses was stored: the first that has every field of `value`, and
    each of whose own fields is there or has a default."""
    if len(kinds) == 1:
        return kinds[0]
    for kind in kinds:
        known = {field.name: field.default for field in fields(kind)}
        needed = {name for name, default in known.items() if default is MISSING}
        if needed <= value.keys() <= known.keys():
            return kind
    raise TypeError(f"No kind of value has the fields {', '.join(sorted(value))}.")
