"""A finding in words: of a check, what was measured and what it broke."""

from __future__ import annotations

from collections.abc import Collection

from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Finding
from deadwax.domain.media.limits import MediaLimits

FLOATING_POINT = "floating point"
"""In the place of a number of bits."""

Number = float | int
Measure = Number | str


def found(
    limits: MediaLimits,
    code: str,
    value: Measure | None = None,
    limit: Measure | Collection[Measure] | None = None,
    at_s: float | None = None,
) -> Finding:
    """What `code` says of `value`; with a collection for `limit`, any of those would do."""
    check = CHECKS[code]
    wanted = in_words(limit, check.unit)
    said = [in_words(value, check.unit, digits=digits) for digits in (4, 6, 9, 17)]
    shown = next((words for words in said if words not in wanted), said[0])  # not as if within
    one = limit if limit is None or isinstance(limit, str | float | int) else in_words(limit, "")
    return Finding(
        code=code,
        severity=limits.severity(code),
        message=check.says.format(value=shown, limit=wanted),
        fix=check.fix,
        value=value,
        limit=one,
        at_s=at_s,
    )


def in_words(value: Measure | Collection[Measure] | None, unit: str, *, digits: int = 4) -> str:
    """With its unit, as people write it: 44.1 kHz, 12.5 MB, 1 channel."""
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, float | int):
        *others, last = (in_words(one, unit, digits=digits) for one in value)
        return f"{', '.join(others)} or {last}" if others else last
    for large, factor, name in _SCALED.get(unit, ()):
        if abs(value) >= large:
            return f"{_number(value / factor, digits)} {name}"
    name = unit.removesuffix("s") if value == 1 and unit in _COUNTED else unit
    return f"{_number(value, digits)} {name}".rstrip()


_COUNTED = ("channels", "runs", "bytes", "frames", "pages")
_SCALED = {
    "Hz": ((1000, 1000, "kHz"),),
    "bit/s": ((1000, 1000, "kbit/s"),),
    "bytes": ((1_000_000, 1_000_000, "MB"), (1000, 1000, "kB")),
    "s": ((120, 60, "min"),),
}


def _number(value: Number, digits: int) -> str:
    return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:.0f}"
