"""What differs between two documents, field by field, in words for people.

Things in a list that have a name of their own (a track its ISRC) are compared with their
namesake wherever it stands; others by their place, once those that stand in both lists are
set aside.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_NAMES = ("isrc", "disc", "name")
"""Fields that tell the things of one list apart, in the order in which they are tried."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """`field` is a path such as `tracks[QZDWX2600001].title` or `deals[0].price.amount`; before
    or after is None where there was or is nothing."""

    field: str
    before: Any = None
    after: Any = None


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every change from one plain document (see `domain.plain`) to another; no value, an empty
    list and nothing are the same."""
    return list(_between(before, after, ""))


def _between(before: Any, after: Any, at: str) -> Iterator[Change]:
    before, after = _something(before), _something(after)
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _between(before.get(name), after.get(name), f"{at}.{name}" if at else name)
    elif isinstance(before, list) and isinstance(after, list):
        yield from _of_lists(before, after, at)
    else:
        yield Change(field=at, before=before, after=after)


def _something(value: Any) -> Any:
    return None if value in ([], {}) else value


def _of_lists(before: list[Any], after: list[Any], at: str) -> Iterator[Change]:
    for name in _NAMES:
        old, new = _by_name(before, name), _by_name(after, name)
        if old is not None and new is not None:
            for key in [*old, *(key for key in new if key not in old)]:
                yield from _between(old.get(key), new.get(key), f"{at}[{key}]")
            if len(old) == len(new) and list(old) != list(new) and set(old) == set(new):
                yield Change(field=at, before=list(old), after=list(new))
            return
    went, came = dict(_lacking(before, after)), dict(_lacking(after, before))
    things = all(isinstance(item, Mapping) for item in (*before, *after))
    if not things or not (went or came):
        yield Change(field=at, before=before, after=after)
        return
    for i in sorted(went.keys() | came.keys()):
        yield from _between(went.get(i), came.get(i), f"{at}[{i}]")


def _by_name(items: Sequence[Any], name: str) -> dict[Any, Any] | None:
    """The items by that field; None if some lack it or share it."""
    named = {str(i[name]): i for i in items if isinstance(i, Mapping) and name in i}
    return named if len(named) == len(items) else None


def _lacking(items: Sequence[Any], others: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    left = list(others)
    for i, item in enumerate(items):
        if item in left:
            left.remove(item)
        else:
            yield i, item
