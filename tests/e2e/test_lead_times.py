"""A platform that stays silent is reported after its target's lead time, not before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.e2e.office import Office

from deadwax.domain import clock
from deadwax.domain.choreography import Choreography
from deadwax.domain.states import Status
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.sandbox.arrivals import Agreement
from deadwax.projections import positions
from deadwax.workers.broker import open_broker
from deadwax.workers.scheduler import Scheduler


@pytest.mark.parametrize(
    ("answer_hours", "hours"), [(2, 2), (None, 72)], ids=["its own", "the usual one"]
)
def test_silence_is_reported_after_the_lead_time(
    answer_hours: int | None,
    hours: int,
    database_url: str,
    redis_url: str,
    tmp_path: Path,
    schemas: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    silent = Agreement(marker="never")
    choreography = Choreography(answer_hours=answer_hours)
    office = Office(tmp_path, database_url, redis_url, schemas, choreography, silent)
    ahead = timedelta()
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + ahead)
    try:
        id = office.distribute()
        office.work(id)
        tick = _ticking(office, redis_url)

        ahead = timedelta(hours=hours, minutes=-5)
        tick(ahead)
        assert office.distribution(id).status is Status.PROCESSING_BY_PLATFORM
        ahead = timedelta(hours=hours, minutes=5)
        tick(timedelta(minutes=10))
        found = office.distribution(id)
        assert found.status is Status.NEEDS_ATTENTION
        (problem,) = office.events(id)[-1].problems
        assert problem["code"] == "no_answer"
    finally:
        office.close()


def _ticking(office: Office, redis_url: str) -> Callable[[timedelta], None]:
    """One look of the scheduler at an agenda that is so much older than the time before."""

    def tick(older: timedelta) -> None:
        with connect(office.environ["DEADWAX_DATABASE_URL"], "test") as connection:
            head = connection.execute("SELECT max(position) FROM events").fetchone()
            assert head is not None
            positions.wait_for(connection, head[0], ["agenda", "targets"])
            connection.execute(
                "UPDATE read.agenda SET awaiting_since = awaiting_since - %s", [older]
            )
            broker = open_broker(redis_url)
            Scheduler(office.container, connection, broker).tick()
            broker.close()

    return tick
