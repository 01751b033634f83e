"""Tenants, labels and keys over HTTP."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
from tests.api.caller import Caller, done, refused

from deadwax.infrastructure.settings import Settings


def test_an_operator_registers_a_tenant_whose_admin_key_works_at_once(operator: Caller) -> None:
    new = {"name": "Side B", "kind": "artist", "review": True}
    response = operator.post("/tenants", new)
    assert response.status_code == 201
    made = done(response)
    assert made["labels"] == []
    assert response.headers["Deadwax-Position"] == str(made["position"])
    own = done(operator.ask("GET", "/tenant", headers={"Authorization": f"Bearer {made['key']}"}))
    assert (own["id"], own["name"], own["kind"], own["review"]) == (
        made["id"],
        "Side B",
        "artist",
        True,
    )


def test_a_tenant_has_its_labels_once_each(admin: Caller) -> None:
    label = {"name": "Side B", "dpid": "PADPIDA2013042401U"}
    made = admin.post("/tenant/labels", label)
    assert made.status_code == 201
    refused(admin.post("/tenant/labels", label), 422, "has_problems")
    names = [label["name"] for label in done(admin.get("/tenant"))["labels"]]
    assert names == ["Run-out Records", "Side B"]


def test_an_issued_key_has_its_role(admin: Caller) -> None:
    viewer = admin.as_role("viewer")
    assert viewer.get("/releases").status_code == 200
    refused(viewer.post("/releases", {"title": "x"}), 403, "forbidden")


def test_no_key_stands_anywhere_in_the_database(
    admin: Caller, operator: Caller, settings: Settings, count_events: Callable[[], int]
) -> None:
    key = {"Idempotency-Key": "once"}
    done(admin.post("/tenant/keys", {"role": "viewer", "name": "x"}, headers=key))
    tenant = {"name": "Side B", "kind": "label", "review": False}
    done(operator.post("/tenants", tenant, headers=key))
    with psycopg.connect(settings.require_database()) as connection:
        rows = connection.execute("SELECT data::text FROM events").fetchall()
        rows += connection.execute("SELECT encode(body, 'escape') FROM idempotency_keys").fetchall()
    assert len(rows) == count_events() + 2
    assert [row for row in rows if "dwx_" in row[0]] == []
