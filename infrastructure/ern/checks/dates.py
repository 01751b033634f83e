"""Dates in a message: real ones, in an order that makes sense. XSDs only check their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import lru_cache

from deadwax.infrastructure.ern.checks.message import Element, Message, text
from deadwax.infrastructure.ern.checks.names import DATES
from deadwax.infrastructure.ern.checks.rule import Fault, rule
from deadwax.infrastructure.ern.versions import Family

_ANY: frozenset[str] = frozenset()
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")
# A release's first date and its date, where each may stand.
_PAIRS = {
    Family.THREE: {
        "OriginalReleaseDate": "ReleaseDate",
        "GlobalOriginalReleaseDate": "GlobalReleaseDate",
    },
    Family.FOUR: {"OriginalReleaseDate": "ReleaseDate"},
}


@rule(
    "ern_date_invalid",
    "ErncFileStatus CommercialReleaseDateInvalid",
    "Give a real date.",
    families=frozenset(),
    messages=_ANY,
)
def real(message: Message) -> Iterator[Fault]:
    """A date is one of the calendar."""
    for element in message.all(*DATES[message.family] if message.family else ("Date",)):
        if len(element) == 0 and _moment(text(element)) is None:
            yield element, f"{text(element)!r} is no date."


@rule(
    "ern_period_reversed",
    "ErncFileStatus ConflictingAvailabilityPeriods",
    "Change one of them.",
)
def periods(message: Message) -> Iterator[Fault]:
    """A period does not end before it starts."""
    for period in message.all("ValidityPeriod"):
        ends = {str(e.tag): _moment(text(e)) for e in period}
        for kind in ("Date", "DateTime"):
            start, end = ends.get(f"Start{kind}"), ends.get(f"End{kind}")
            if start is not None and end is not None and end < start:
                yield period, "The period ends before it starts."


@rule(
    "ern_release_dates_reversed",
    "ErncFileStatus OriginalReleaseDateLaterThanReleaseDate",
    "Change one of them.",
)
def releases(message: Message) -> Iterator[Fault]:
    """A release was not first released after its release date."""
    for original, name in _PAIRS[message.family].items() if message.family else ():
        for first in message.all(original):
            now = _sibling(first, name)
            a, b = _moment(text(first)), None if now is None else _moment(text(now))
            if a is not None and b is not None and b < a:
                yield first, f"The original release date {text(first)} is later than {name}."


RULES = (real, periods, releases)


def _sibling(element: Element, name: str) -> Element | None:
    parent = element.getparent()
    return None if parent is None else parent.find(name)


@lru_cache(1024)
def _moment(value: str) -> datetime | None:
    """None for what is no date: that is another problem. A time without zone is taken as UTC,
    a missing month or day as the first."""
    try:
        if found := _PARTIAL.fullmatch(value):
            year, month, day = (int(part or 1) for part in found.groups())
            return datetime.combine(date(year, month, day), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
