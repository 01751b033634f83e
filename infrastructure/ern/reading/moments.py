"""When something starts or ends, in the model's form."""

from __future__ import annotations

import re
from datetime import date, timedelta

from deadwax.domain.texts import Moment
from deadwax.infrastructure.ern.reading.cursor import Cursor
from deadwax.infrastructure.ern.reading.values import converted

_FRACTION = re.compile(r"(T\d\d:\d\d:\d\d)\.\d+")
_MIDNIGHT = "T00:00:00"


def start(holder: Cursor | None, name: str) -> Moment | None:
    """Of the child `name`Date or `name`DateTime. Local midnight is the day itself."""
    if holder is None:
        return None
    cursor = holder.child(f"{name}Date", f"{name}DateTime")
    return _moment(cursor)


def end(holder: Cursor | None, name: str) -> Moment | None:
    """The first moment after it. A date is meant with all of its day (ERN 6.13)."""
    found = start(holder, name)
    last = holder.child(f"{name}Date") if holder else None
    if found is None or last is None:
        return found
    if found.day == date.max:
        last.changed("It is held as no end.")
        return None
    return Moment.on(found.day + timedelta(days=1))


def _moment(cursor: Cursor | None) -> Moment | None:
    found = converted(cursor, lambda text: Moment(_FRACTION.sub(r"\1", text)))
    if cursor is None or found is None:
        return None
    if found != cursor.text:
        cursor.changed(f"It is held as {found!r}.")
    if cursor.get("IsApproximate") in ("false", "0"):
        cursor.attribute("IsApproximate")
    return Moment(found.removesuffix(_MIDNIGHT))
