"""Lists show a tenant's own rows, each once, whatever is added meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from tests.projections.conftest import Project
from tests.projections.histories import History

from deadwax.domain.aggregate import Event
from deadwax.domain.cause import Cause, acting
from deadwax.domain.errors import InvalidValue
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.texts import Name
from deadwax.projections import audit_trail, delivery_log, releases, status_board, targets, timeline
from deadwax.projections.pages import Page

ALBUMS = ("Abbey Road", "After Hours", "Blue", "100% Pure")


def drafted(tenant_id: UUID, *titles: str) -> list[Event]:
    with acting(Cause(tenant_id, "key:1", "request-1")):
        made = [Release.draft(uuid4(), ReleaseMetadata(title=Name(title))) for title in titles]
    return [event for release in made for event in release.collect_events()]


def read_all(page: Callable[..., Page[Any]], limit: int) -> list[Any]:
    items, cursor = [], None
    while True:
        found = page(cursor=cursor, limit=limit)
        items += found.items
        cursor = found.next_cursor
        if cursor is None:
            return items


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_hold_every_row_of_the_tenant_once_and_none_of_another(
    limit: int, project: Project, db: psycopg.Connection
) -> None:
    project([event for events in History(1, tenants=2).commands(60) for event in events])
    tenants = [id for (id,) in db.execute("SELECT DISTINCT tenant_id FROM read.releases")]
    assert len(tenants) == 2
    for module, table in (
        (releases, "releases"),
        (targets, "targets"),
        (status_board, "status_board"),
        (delivery_log, "delivery_log"),
        (audit_trail, "audit_trail"),
    ):
        seen = 0
        for tenant in tenants:
            rows = read_all(partial(module.page, db, tenant), limit)
            assert {row.tenant_id for row in rows} <= {tenant}
            positions = [getattr(row, "created_position", row.position) for row in rows]
            assert len(set(positions)) == len(positions)
            seen += len(rows)
        count = db.execute(f"SELECT count(*) FROM read.{table}").fetchone()
        assert count == (seen,)
    assert read_all(partial(releases.page, db, uuid4()), limit) == []


def test_rows_added_while_paging_come_at_the_end(project: Project, db: psycopg.Connection) -> None:
    tenant = uuid4()
    project(drafted(tenant, *ALBUMS))
    first = releases.page(db, tenant, limit=2)
    project(drafted(tenant, "Later"))
    rest = releases.page(db, tenant, cursor=first.next_cursor, limit=10)
    assert [row.title for row in first.items + rest.items] == [*ALBUMS, "Later"]
    assert rest.next_cursor is None


def test_releases_are_found_by_the_start_of_their_title(
    project: Project, db: psycopg.Connection
) -> None:
    tenant = uuid4()
    project(drafted(tenant, *ALBUMS))

    def titles(**filters: str) -> list[str | None]:
        return [row.title for row in releases.page(db, tenant, **filters).items]  # type: ignore[arg-type]

    assert titles(title="a") == ["Abbey Road", "After Hours"]
    assert titles(title="100%") == ["100% Pure"]
    assert titles(title="%") == []
    assert titles(title="a", status="archived") == []


@pytest.mark.parametrize("cursor", ["", "x", "cmVsZWFzZXM6eA", "%%%", "é"])
def test_a_cursor_that_is_none_is_refused(cursor: str, db: psycopg.Connection) -> None:
    if cursor:
        with pytest.raises(InvalidValue, match="cursor"):
            releases.page(db, uuid4(), cursor=cursor)
    else:
        assert releases.page(db, uuid4(), cursor=cursor).items == []


def test_the_cursor_of_another_list_is_refused(project: Project, db: psycopg.Connection) -> None:
    tenant = uuid4()
    project(drafted(tenant, *ALBUMS))
    cursor = releases.page(db, tenant, limit=1).next_cursor
    with pytest.raises(InvalidValue, match="cursor"):
        audit_trail.page(db, tenant, cursor=cursor)


def test_a_timeline_holds_every_step_of_its_distribution(
    project: Project, db: psycopg.Connection
) -> None:
    events = [event for events in History(1).commands(200) for event in events]
    project(events)
    of_one = next(e for e in islice(events, 100, None) if type(e).TOPIC == "distribution.requested")
    mine = [event for event in events if event.originator_id == of_one.originator_id]
    steps = read_all(partial(timeline.page, db, of_one.tenant_id, of_one.originator_id), 3)
    assert [step.type for step in steps] == [type(event).TOPIC for event in mine]
    assert [step.version for step in steps] == list(range(1, len(mine) + 1))
    assert read_all(partial(timeline.page, db, uuid4(), of_one.originator_id), 3) == []
