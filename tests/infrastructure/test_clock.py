"""A machine whose clock is wrong stamps what it does with the right time all the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from deadwax.domain import clock
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.infrastructure import clock as database_clock
from deadwax.infrastructure.clock import DatabaseClock
from deadwax.infrastructure.database import open_pool


@pytest.mark.parametrize(
    "wrong", [timedelta(hours=2), timedelta(days=1), -timedelta(hours=2), -timedelta(days=1)]
)
def test_a_wrong_wall_clock_stamps_no_event(
    wrong: timedelta, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Wrong(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:
            return datetime.now(UTC) + wrong

    right = datetime.now(UTC)
    monkeypatch.setattr(database_clock, "datetime", Wrong)
    monkeypatch.setattr(clock, "datetime", Wrong)
    assert abs(clock.now() - right - wrong) < timedelta(minutes=1)
    with open_pool(database_url, size=1, name="test") as pool:
        clock.follow(DatabaseClock(pool).now)
        try:
            with acting(Cause(uuid4(), "key:test", "c")):
                d = Distribution.request(uuid4(), uuid4(), "test", None)
            assert abs(d.since - right) < timedelta(minutes=1)
            assert abs(clock.now() - right) < timedelta(minutes=1)
        finally:
            clock.follow()


def test_it_goes_on_while_the_database_is_away(database_url: str) -> None:
    with open_pool(database_url, size=1, name="test") as pool:
        shared = DatabaseClock(pool)
        first = shared.now()
    shared._next = 0.0  # it is time to ask again, and nobody answers
    assert timedelta(0) <= shared.now() - first < timedelta(minutes=1)
