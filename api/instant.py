"""Times with an offset, in requests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime

from deadwax.domain.errors import InvalidValue


def _within(value: datetime) -> datetime:
    try:
        value.astimezone(UTC)
    except OverflowError:
        raise InvalidValue(
            "time_out_of_range",
            f"{value.isoformat()} is outside the years 1 to 9999 of UTC.",
            "Give a nearer time.",
        ) from None
    return value


Instant = Annotated[AwareDatetime, AfterValidator(_within)]
"""One that can be stored and read again: an offset may move it out of the years there are."""
