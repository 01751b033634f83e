"""The read side over HTTP: one's own writes, pages, and what happens when it lags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done, refused, sha256, sound
from tests.api.conftest import MakeTenant, Projecting

from deadwax.api import reading
from deadwax.infrastructure.container import Container


def test_every_read_shows_ones_own_last_command(admin: Caller, projecting: Projecting) -> None:
    with projecting():
        for n in range(10):
            made = admin.draft(title=f"Release {n}")
            after = {"after": made["position"], "limit": 200}
            titles = [r["title"] for r in done(admin.get("/releases", params=after))["items"]]
            assert titles == [f"Release {i}" for i in range(n + 1)]
            trail = done(admin.get("/audit-trail", params=after))["items"]
            assert trail[-1]["position"] == made["position"]


def test_a_distribution_is_seen_everywhere_at_once(admin: Caller, projecting: Projecting) -> None:
    release, target = admin.approved(), admin.target(platform="Quiet DSP")
    path = f"/releases/{release['id']}"
    with projecting():
        made = done(admin.post(f"{path}/distributions", {"target_ids": [target["id"]]}))
        after = {"after": made["position"]}
        id = made["items"][0]["id"]
        board = done(admin.get("/status-board", params=after))["items"]
        assert [(r["distribution_id"], r["platform"]) for r in board] == [(id, "Quiet DSP")]
        status = done(admin.get(f"{path}/status", params=after))
        assert (status["overall"], status["groups"]) == ("in_progress", {"in_progress": 1})
        assert status["statuses"] == {"created": 1}
        assert [i["distribution_id"] for i in status["items"]] == [id]
        listed = done(admin.get("/releases", params=after))["items"]
        assert [r["overall"] for r in listed] == ["in_progress"]
        steps = done(admin.get(f"/distributions/{id}/timeline", params=after))["items"]
        assert [s["type"] for s in steps] == ["distribution.requested"]
        assert steps[0]["actor"] == admin.actor
        targets = done(admin.get("/targets", params=after))["items"]
        assert [t["platform"] for t in targets] == ["Quiet DSP"]
        assert done(admin.get("/delivery-log", params=after)) == {"items": [], "next": None}
        assert done(admin.get("/delivery-log/totals", params=after)) == {"items": []}


def test_what_does_not_arrive_is_503(admin: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PATIENCE_SECONDS", 0.05)
    made = admin.draft()
    response = admin.get("/releases", params={"after": made["position"]})
    body = refused(response, 503, "not_caught_up")
    assert response.headers["Retry-After"] == "1"
    assert "releases is running at 0" in body["detail"]
    assert done(admin.get("/releases")) == {"items": [], "next": None}
    own = f"/releases/{made['id']}"
    assert done(admin.get(own, params={"after": made["position"]}))["version"] == 1


def test_a_read_model_that_stopped_is_told_at_once(
    admin: Caller, operator: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_PATIENCE_SECONDS", 600)
    with container.pool.connection() as connection:
        connection.execute(
            "UPDATE read.positions SET state = 'stopped', error = 'quotes an event',"
            " failed_position = 1 WHERE name = 'releases'"
        )
    body = refused(admin.get("/releases", params={"after": 1}), 503, "not_caught_up")
    assert "releases is stopped at 0" in body["detail"]
    found = done(operator.get("/system/projections"))
    assert found["head"] > 0
    stopped = {p["name"]: p for p in found["items"]}["releases"]
    assert stopped["state"] == "stopped"
    assert stopped["failed_position"] == 1
    assert stopped["lag"] == found["head"]
    assert stopped["error"] == "quotes an event"
    assert {p["error"] for p in done(admin.get("/system/projections"))["items"]} == {None}


def test_a_list_is_read_page_by_page(admin: Caller, projecting: Projecting) -> None:
    made = [admin.draft(title=f"Release {n}") for n in range(7)]
    with projecting():
        pages: list[list[str]] = []
        query: dict[str, Any] = {"limit": 3, "after": made[-1]["position"]}
        while True:
            page = done(admin.get("/releases", params=query))
            pages.append([r["title"] for r in page["items"]])
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
        foreign = {"cursor": query["cursor"]}
        body = refused(admin.get("/targets", params=foreign), 422, "invalid_request")
    assert [len(page) for page in pages] == [3, 3, 1]
    assert [title for page in pages for title in page] == [f"Release {n}" for n in range(7)]
    assert [e["code"] for e in body["errors"]] == ["cursor_invalid"]


def test_lists_are_filtered(admin: Caller, projecting: Projecting) -> None:
    admin.draft(title="Anthem")
    archived = admin.draft(title="Ballad")
    last = done(admin.post(f"/releases/{archived['id']}/archive", {"reason": "x"}))
    after = {"after": last["position"]}

    def titles(**query: str) -> list[str]:
        items = done(admin.get("/releases", params={**after, **query}))["items"]
        return [item["title"] for item in items]

    with projecting():
        assert titles() == ["Anthem", "Ballad"]
        assert titles(status="archived") == ["Ballad"]
        assert titles(title="anth") == ["Anthem"]
        assert titles(label="No Such") == []
        query = {**after, "type": "release.archived", "actor": admin.actor}
        trail = done(admin.get("/audit-trail", params=query))["items"]
        assert [e["stream_id"] for e in trail] == [archived["id"]]
        none = {**after, "until": trail[0]["at"], "stream_id": archived["id"]}
        earlier = done(admin.get("/audit-trail", params=none))["items"]
        assert [e["type"] for e in earlier] == ["release.drafted"]


def test_live_and_ready_are_told_without_a_key(
    http: TestClient, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert done(http.get("/livez")) == done(http.get("/readyz")) == {"status": "ok"}
    with container.pool.connection() as connection:
        connection.execute("DELETE FROM migrations WHERE name = '0004_api.sql'")
        connection.execute("DELETE FROM read.positions WHERE name = 'timeline'")
    body = refused(http.get("/readyz"), 503, "not_ready")
    assert body["missing"] == ["migration 0004_api.sql", "read model timeline"]
    with container.pool.connection() as connection:
        connection.execute("DROP SCHEMA read CASCADE")
    assert "read model releases" in refused(http.get("/readyz"), 503, "not_ready")["missing"]
    container.pool.close()
    assert refused(http.get("/readyz"), 503, "not_ready")["missing"] == ["database"]
    assert done(http.get("/livez")) == {"status": "ok"}


def test_a_read_before_the_read_models_exist_is_503(
    admin: Caller, container: Container, make_tenant: MakeTenant
) -> None:
    with container.pool.connection() as connection:
        connection.execute("DROP SCHEMA read CASCADE")
    refused(admin.get("/releases"), 503, "not_ready")
    refused(admin.get("/releases", params={"after": 1}), 503, "not_ready")


def test_assets_are_told_and_shown(admin: Caller, count_events: Callable[[], int]) -> None:
    data = sound()
    made = admin.upload(data, "01 Lead-in.wav")
    assert made.status_code == 201
    facts = done(made)
    assert facts["sha256"] == sha256(data)
    assert facts["audio"]["sampling_rate"] == 44_100
    assert made.headers["Location"] == f"/api/v1/assets/{sha256(data)}"
    before = count_events()
    again = admin.upload(data, "other.wav")
    assert again.status_code == 200
    assert done(again)["position"] == 0
    assert done(again)["filename"] == "01 Lead-in.wav"
    assert count_events() == before
    read = done(admin.get(f"/assets/{sha256(data)}"))
    assert read == {k: v for k, v in facts.items() if k != "position"}
    content = admin.get(f"/assets/{sha256(data)}/content")
    assert content.content == data
    assert content.headers["Content-Length"] == str(len(data))
    assert content.headers["Content-Disposition"].endswith("UTF-8''01%20Lead-in.wav")
    path = f"/assets/{sha256(data)}/content"
    part = admin.get(path, headers={"Range": "bytes=-40"})
    assert (part.status_code, part.content) == (206, data[-40:])
    same = admin.get(path, headers={"If-None-Match": content.headers["ETag"]})
    assert (same.status_code, same.content) == (304, b"")
    refused(admin.get(f"/assets/{'0' * 64}"), 404, "not_found")
