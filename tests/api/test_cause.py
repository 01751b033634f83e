"""Every event says who asked, for which tenant, because of which request."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row
from tests.api.caller import Caller, done, sound
from tests.api.conftest import MakeTenant

from deadwax.infrastructure.settings import Settings


@pytest.fixture
def log(settings: Settings) -> Iterator[psycopg.Connection[dict[str, object]]]:
    with psycopg.connect(settings.require_database(), row_factory=dict_row) as connection:
        yield connection


def test_a_command_is_told_by_its_key_tenant_and_correlation(
    admin: Caller, log: psycopg.Connection[dict[str, object]]
) -> None:
    manager = admin.as_role("manager")
    headers = {"X-Correlation-Id": "order-7"}
    release = done(manager.post("/releases", {"title": "x"}, headers=headers))
    event = log.execute("SELECT * FROM events WHERE stream_id = %s", [release["id"]]).fetchone()
    assert event is not None
    assert event["actor"] == manager.actor != admin.actor
    assert str(event["tenant_id"]) == done(admin.get("/tenant"))["id"]
    assert event["correlation_id"] == "order-7"
    assert UUID(str(event["causation_id"]))


def test_commands_at_the_same_time_keep_their_own_causes(
    make_tenant: MakeTenant, log: psycopg.Connection[dict[str, object]]
) -> None:
    callers = [make_tenant() for _ in range(4)]
    tenants = [done(caller.get("/tenant"))["id"] for caller in callers]

    def draft(n: int) -> tuple[str, int]:
        headers = {"X-Correlation-Id": f"request-{n}"}
        response = callers[n % 4].post("/releases", {"title": f"{n}"}, headers=headers)
        return done(response)["id"], n

    with ThreadPoolExecutor(12) as threads:
        drafted = dict(threads.map(draft, range(120)))
    events = log.execute("SELECT * FROM events WHERE type = 'release.drafted'").fetchall()
    assert len(events) == 120
    for event in events:
        n = drafted[str(event["stream_id"])]
        assert str(event["tenant_id"]) == tenants[n % 4]
        assert event["actor"] == callers[n % 4].actor
        assert event["correlation_id"] == f"request-{n}"
    assert len({event["causation_id"] for event in events}) == 120


def test_an_upload_is_told_by_its_key_too(
    admin: Caller, log: psycopg.Connection[dict[str, object]]
) -> None:
    done(admin.upload(sound(), headers={"X-Correlation-Id": "upload-1"}))
    event = log.execute("SELECT * FROM events WHERE type = 'asset.stored'").fetchone()
    assert event is not None
    assert (event["actor"], event["correlation_id"]) == (admin.actor, "upload-1")
