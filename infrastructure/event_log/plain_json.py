"""Whether a value comes back from JSON, and from PostgreSQL, exactly as it went in."""

from __future__ import annotations

from math import isfinite
from typing import Any

_DEEPEST = 100
_INT64 = range(-(2**63), 2**63)


def defect(value: Any, depth: int = 0) -> tuple[str, str] | None:
    """Where inside `value` (such as `.tracks[3]`, empty for itself) it is not plain JSON, and
    what is wrong there; None if all of it is str, int, float, bool, None, list and dict."""
    kind = type(value)
    if kind is str:
        wrong = _text_defect(value)
        return ("", wrong) if wrong else None
    if value is None or kind is bool:
        return None
    if kind is int:
        return None if value in _INT64 else ("", "an integer beyond 64 bits")
    if kind is dict or kind is list:
        if depth == _DEEPEST:
            return "", f"nested deeper than {_DEEPEST}"
        return _dict_defect(value, depth) if kind is dict else _list_defect(value, depth)
    if kind is float:
        return None if isfinite(value) else ("", "a float that is not finite")
    return "", f"a {kind.__name__}, which JSON would bring back as something else"


def _dict_defect(value: dict[Any, Any], depth: int) -> tuple[str, str] | None:
    for key, item in value.items():
        if type(key) is not str:
            return "", f"a key that is a {type(key).__name__}, not a str"
        if wrong := _text_defect(key):
            return "", f"a key with {wrong}"
        if found := defect(item, depth + 1):
            return f".{key}{found[0]}", found[1]
    return None


def _list_defect(value: list[Any], depth: int) -> tuple[str, str] | None:
    for index, item in enumerate(value):
        if found := defect(item, depth + 1):
            return f"[{index}]{found[0]}", found[1]
    return None


def _text_defect(text: str) -> str | None:
    if "\0" in text:
        return "a NUL character, which PostgreSQL cannot hold"
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            return "a lone surrogate, which is not Unicode text"
    return None
