"""What the validation found, in our words: field paths, stable codes, and the fix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from deadwax.domain.errors import InvalidValue, Problem

NOT_JSON = "not_json"
UNKNOWN_FIELD = "unknown_field"

# By what pydantic calls the error: our code, and the fix.
_CODES: Mapping[str, tuple[str, str]] = {
    "json_invalid": (NOT_JSON, "Send JSON in UTF-8."),
    "missing": ("missing", "Give it."),
    "unexpected_keyword_argument": (UNKNOWN_FIELD, "Leave it out, or correct its name."),
    "extra_forbidden": (UNKNOWN_FIELD, "Leave it out, or correct its name."),
    "enum": ("unknown_value", "Give one of the values listed."),
}
_WRONG = ("wrong_value", "Give a value of the type and within the limits stated.")

_SECTIONS = ("body", "query", "path", "header")
_LONGEST = 300


def problems_of(errors: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """One Problem per error of a pydantic ValidationError. What was sent is not repeated,
    except in the words of our own value objects."""
    return [_problem(error) for error in _of_meant(list(errors))]


def _of_meant(errors: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Of a value that may be of several kinds, the errors of the kind that has the fewest: the
    one that was meant. pydantic puts the kind's name, which is a class's, into the path."""
    found: dict[tuple[str | int, ...], dict[str, list[Mapping[str, Any]]]] = {}
    for error in errors:
        loc = tuple(error["loc"])
        at = _kind_at(loc, error["type"])
        if at is None:
            yield error
        else:
            told = {**error, "loc": loc[:at] + loc[at + 1 :]}
            found.setdefault(loc[:at], {}).setdefault(str(loc[at]), []).append(told)
    for kinds in found.values():
        yield from min(kinds.values(), key=len)


def _kind_at(loc: Sequence[str | int], error: str) -> int | None:
    """Where the name of a kind stands in the path. Fields that do not exist may be called
    anything, but then they stand last."""
    if not loc or loc[0] != "body":
        return None
    own = loc[:-1] if _CODES.get(error, _WRONG)[0] == UNKNOWN_FIELD else loc
    return next((i for i, s in enumerate(own) if isinstance(s, str) and s[:1].isupper()), None)


def _problem(error: Mapping[str, Any]) -> Problem:
    field = field_path(error["loc"])
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, InvalidValue):
        return Problem(cause.code, field, _short(str(cause)), cause.fix)
    code, fix = _CODES.get(error["type"], _WRONG)
    return Problem(code, field, _short(error["msg"]), fix)


def field_path(loc: Sequence[str | int]) -> str:
    """`tracks[3].isrc`; empty for the whole body."""
    steps = loc[1:] if loc and loc[0] in _SECTIONS else loc
    path = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    return path.removeprefix(".")


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
