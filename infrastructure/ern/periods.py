"""Dates in a message: real ones, in an order that makes sense. XSDs only check their shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime

from deadwax.domain.errors import Problem
from deadwax.infrastructure.ern.xml import Element, problem_at

_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?")


def real(message: Element) -> Iterator[Problem]:
    for element in message.iter():
        name = element.tag
        is_date = isinstance(name, str) and name.endswith(("Date", "DateTime"))
        if is_date and len(element) == 0 and _moment(element) is None:
            words = f"{element.text!r} is no date."
            yield problem_at("ern_date_invalid", element, words, "Give a real date.")


def ordered(message: Element) -> Iterator[Problem]:
    for period in message.iter("ValidityPeriod"):
        for suffix in ("Date", "DateTime"):
            start, end = period.find(f"Start{suffix}"), period.find(f"End{suffix}")
            if _is_before(end, start):
                words = "The period ends before it starts."
                yield problem_at("ern_period_reversed", period, words, "Change one of them.")
    for release in message.iterfind("ReleaseList/Release"):
        first, now = release.find("OriginalReleaseDate"), release.find("ReleaseDate")
        if first is not None and _is_before(now, first):
            words = "The original release date is later than the release date."
            yield problem_at("ern_release_dates_reversed", first, words, "Change one of them.")


RULES = (real, ordered)


def _is_before(one: Element | None, other: Element | None) -> bool:
    """False where one is absent or no date: that is another problem."""
    a, b = _moment(one), _moment(other)
    return a is not None and b is not None and a < b


def _moment(element: Element | None) -> datetime | None:
    """A time without zone is taken as UTC, a missing month or day as the first."""
    text = "" if element is None else (element.text or "").strip()
    try:
        if found := _PARTIAL.fullmatch(text):
            year, month, day = (int(part or 1) for part in found.groups())
            return datetime.combine(date(year, month, day), datetime.min.time(), UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
