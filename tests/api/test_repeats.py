"""A request with an Idempotency-Key takes effect once, however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import structlog
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant

from deadwax.application.log import LogUnavailable
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.idempotency import PostgresIdempotency

KEY = {"Idempotency-Key": "3f0c9a52-6b1e-4f55-8a52-0d1f1c0a7f11"}


def test_a_repeated_request_is_answered_as_before(
    admin: Caller, count_events: Callable[[], int]
) -> None:
    first = admin.post("/releases", {"title": "x"}, headers=KEY)
    before = count_events()
    second = admin.post("/releases", {"title": "x"}, headers=KEY)
    assert (second.status_code, second.json()) == (201, first.json())
    for name in ("Location", "ETag", "Deadwax-Position", "Content-Type"):
        assert second.headers[name] == first.headers[name]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first.headers
    assert count_events() == before


def test_without_a_key_every_request_counts(admin: Caller) -> None:
    made = [done(admin.post("/releases", {"title": "x"}))["id"] for _ in range(2)]
    assert made[0] != made[1]


def test_a_key_stands_for_one_request(admin: Caller) -> None:
    done(admin.post("/releases", {"title": "x"}, headers=KEY))
    for attempt in (
        admin.post("/releases", {"title": "y"}, headers=KEY),
        admin.post("/releases?x=1", {"title": "x"}, headers=KEY),
        admin.post("/tenant/labels", {"title": "x"}, headers=KEY),
    ):
        refused(attempt, 422, "idempotency_key_reused")


def test_keys_are_a_tenants_own(make_tenant: MakeTenant) -> None:
    one, other = make_tenant(), make_tenant()
    first = done(one.post("/releases", {"title": "x"}, headers=KEY))
    second = done(other.post("/releases", {"title": "x"}, headers=KEY))
    assert first["id"] != second["id"]


def test_a_key_needs_the_permission_all_the_same(admin: Caller) -> None:
    viewer = admin.as_role("viewer")
    done(admin.post("/releases", {"title": "x"}, headers=KEY))
    refused(viewer.post("/releases", {"title": "x"}, headers=KEY), 403, "forbidden")


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 256, "käse"])
def test_what_is_no_key_is_named(admin: Caller, key: str) -> None:
    headers = {"Idempotency-Key": key.encode("latin-1")}
    body = refused(admin.post("/releases", {"title": "x"}, headers=headers), 422, "invalid_request")
    assert [e["field"] for e in body["errors"]] == ["Idempotency-Key"]


def test_a_refusal_is_not_kept(admin: Caller) -> None:
    label = {"title": "x", "label": "Side B"}
    refused(admin.post("/releases", label, headers=KEY), 422, "has_problems")
    done(admin.post("/tenant/labels", {"name": "Side B"}))
    assert admin.post("/releases", label, headers=KEY).status_code == 201


def test_requests_at_the_same_time_take_effect_once(admin: Caller, container: Container) -> None:
    def draft(_: int) -> Any:
        return admin.post("/releases", {"title": "x"}, headers=KEY)

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(draft, range(24)))
    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    for answer in answers:
        if answer.status_code != 201:
            refused(answer, 409, "idempotency_in_progress")
            assert answer.headers["Retry-After"] == "1"
    assert _drafted(container) == 1


def test_an_api_key_is_shown_once(admin: Caller) -> None:
    new = {"role": "viewer", "name": "x"}
    first = done(admin.post("/tenant/keys", new, headers=KEY))
    second = done(admin.post("/tenant/keys", new, headers=KEY))
    assert first["key"].startswith("dwx_")
    assert second == first | {"key": None}


def test_a_key_is_new_again_after_a_day(admin: Caller, container: Container) -> None:
    first = done(admin.post("/releases", {"title": "x"}, headers=KEY))
    _later(container, "expires_at")
    second = done(admin.post("/releases", {"title": "x"}, headers=KEY))
    assert first["id"] != second["id"]


def _losing_the_answer(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception
) -> None:
    """The command takes effect, and then nobody hears of it."""
    command = getattr(owner, name)

    def lost(*arguments: Any, **named: Any) -> Any:
        command(*arguments, **named)
        raise error

    monkeypatch.setattr(owner, name, lost)


@pytest.mark.parametrize("error", [LogUnavailable("gone"), RuntimeError("a fault of ours")])
def test_what_took_effect_without_an_answer_is_found_and_not_run_again(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with monkeypatch.context() as lost, structlog.testing.capture_logs():
        _losing_the_answer(lost, container.releases, "draft", error)
        assert admin.post("/releases", {"title": "x"}, headers=KEY).status_code >= 500
    found = admin.post("/releases", {"title": "x"}, headers=KEY, follow_redirects=False)
    assert found.status_code == 303
    path = found.headers["Location"].removeprefix("/api/v1")
    assert found.json() == {
        "id": path.rpartition("/")[2],
        "position": int(found.headers["Deadwax-Position"]),
    }
    assert done(admin.get(path))["metadata"]["title"] == "x"
    again = admin.post("/releases", {"title": "x"}, headers=KEY, follow_redirects=False)
    assert (again.status_code, again.headers["Location"]) == (303, found.headers["Location"])
    assert _drafted(container) == 1


def test_what_did_not_take_effect_is_run(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> Any:
        raise LogUnavailable("gone")

    with monkeypatch.context() as broken:
        broken.setattr(container.releases, "draft", fails)
        answer = admin.post("/releases", {"title": "x"}, headers=KEY)
        refused(answer, 503, "log_unavailable")
    assert admin.post("/releases", {"title": "x"}, headers=KEY).status_code == 201
    assert _drafted(container) == 1


def test_a_key_that_nobody_saw_is_told_to_be_revoked(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = {"role": "viewer", "name": "x"}
    with monkeypatch.context() as lost:
        _losing_the_answer(lost, container.tenants, "issue_key", LogUnavailable("gone"))
        refused(admin.post("/tenant/keys", new, headers=KEY), 503, "log_unavailable")
    for _ in range(2):
        answer = admin.post("/tenant/keys", new, headers=KEY)
        assert answer.status_code == 409
        body = answer.json()
        assert body["code"] == "idempotency_answer_lost"
    (changed,) = body["changed"]
    assert changed["type"] == "api_key"
    assert done(admin.delete(f"/tenant/keys/{changed['id']}"))["position"] > body["position"]


def test_a_worker_that_died_holds_its_request_for_a_minute(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after SIGKILL: the row is locked, and nobody will ever settle it."""
    with monkeypatch.context() as killed:
        for name in ("finish", "forget", "leave_open"):
            killed.setattr(PostgresIdempotency, name, lambda *_: None)
        done(admin.post("/releases", {"title": "x"}, headers=KEY))
    answer = admin.post("/releases", {"title": "x"}, headers=KEY)
    refused(answer, 409, "idempotency_in_progress")
    _later(container, "locked_until")
    answer = admin.post("/releases", {"title": "x"}, headers=KEY, follow_redirects=False)
    assert answer.status_code == 303
    assert _drafted(container) == 1


def _later(container: Container, column: str) -> None:
    """As if the time in `column` had passed."""
    with container.pool.connection() as connection:
        connection.execute(
            f"UPDATE idempotency_keys SET {column} = now() - interval '1 second'".encode()
        )


def _drafted(container: Container) -> int:
    with container.pool.connection() as connection:
        row = connection.execute(
            "SELECT count(*) FROM events WHERE type = 'release.drafted'"
        ).fetchone()
    assert row
    return int(row[0])
