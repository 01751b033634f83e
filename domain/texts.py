"""Short texts that keep a rule and are no identifiers: names, languages, dates as said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Self

from deadwax.domain.values import Text


class Name(Text):
    """A name or title: one line, 1 to 500 characters, not blank."""

    code, pattern = "name_invalid", r"[^\x00-\x1f\x7f]{1,500}"
    fix = "Give one line of 1 to 500 characters."

    @classmethod
    def check(cls, value: str) -> str:
        return "" if value.strip() == value else "no space at either end."


class Paragraph(Text):
    """A text of up to 10,000 characters that may have several lines."""

    code, pattern = "text_invalid", r"[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]{1,10000}"
    fix = "Give 1 to 10,000 characters."


class Language(Text):
    """A BCP 47 tag of language and optional script; `zxx` where nothing is sung."""

    code, pattern, example = "language_invalid", r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?", "en"
    fix = "Give an ISO 639 code such as en, ja or ja-Latn."


class Currency(Text):
    code, pattern, example = "currency_invalid", r"[A-Z]{3}", "EUR"
    fix = "Give the three letters of ISO 4217."


class PartialDate(Text):
    """A date of which the day, or the month and day, may be unknown: 1993, 1993-12, 1993-12-01."""

    code, example = "date_invalid", "1993-12"
    pattern = r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?"
    fix = "Give a year, a year and month, or a day: 1993, 1993-12 or 1993-12-01."

    @classmethod
    def check(cls, value: str) -> str:
        year, *rest = (int(part) for part in value.split("-"))
        try:
            date(year, *[*rest, 1, 1][:2])
        except ValueError as error:
            return f"{error}."
        return ""


_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
# Where the local day begins first and last: Kiribati and Baker Island.
_FIRST, _LAST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


class Moment(Text):
    """When something starts or ends, in one of three meanings.

    A day (`2026-05-01`): midnight in each territory. A local time (`2026-05-01T09:00:00`): that
    wall-clock time in each territory. An instant (`2026-05-01T09:00:00Z` or with an offset):
    the same moment everywhere.
    """

    code, example = "moment_invalid", "2026-05-01"
    pattern = _DAY + r"(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2})?)?"
    fix = (
        "Give a day (2026-05-01), a local time (2026-05-01T09:00:00) or an instant"
        " (2026-05-01T09:00:00Z)."
    )

    @classmethod
    def check(cls, value: str) -> str:
        try:
            at = datetime.fromisoformat(value)
            if at.tzinfo is not None:
                at.astimezone(UTC)
        except ValueError as error:
            return f"{error}."
        except OverflowError:
            return "It is outside the years 1 to 9999 of UTC."
        return ""

    @classmethod
    def on(cls, day: date) -> Self:
        return cls(day.isoformat())

    @property
    def is_instant(self) -> bool:
        return datetime.fromisoformat(self).tzinfo is not None

    @property
    def day(self) -> date:
        """The calendar day as written."""
        return date.fromisoformat(self[:10])

    @property
    def as_datetime(self) -> str:
        """As xs:dateTime: without a zone it is local to each territory."""
        return self if len(self) > 10 else f"{self}T00:00:00"

    def span(self) -> tuple[datetime, datetime]:
        """The first and last instant, over all territories, at which this can be."""
        moment = datetime.fromisoformat(self)
        if moment.tzinfo is not None:
            return moment, moment
        return moment.replace(tzinfo=_FIRST), moment.replace(tzinfo=_LAST)

    def is_before(self, other: Moment) -> bool:
        """Whether this is earlier than `other` in every territory."""
        if self.is_instant == other.is_instant:
            return datetime.fromisoformat(self) < datetime.fromisoformat(other)
        return self.span()[1] < other.span()[0]

    def may_precede(self, other: Moment) -> bool:
        """Whether this is earlier than `other` in some territory."""
        if self.is_instant == other.is_instant:
            return datetime.fromisoformat(self) < datetime.fromisoformat(other)
        return self.span()[0] < other.span()[1]

    def or_earlier(self, other: Self | None) -> Self:
        """What is over when the first of the two has come: in each territory, or where that
        depends on the zone, at once everywhere."""
        if other is None or not other.may_precede(self):
            return self
        if other.is_before(self):
            return other
        first = min(self.span()[0], other.span()[0])
        return type(self)(first.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))

    def is_past(self, now: datetime) -> bool:
        """Whether this is over in every territory at `now`."""
        return self.span()[1] <= now
