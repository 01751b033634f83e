"""Whatever goes wrong, the answer is a problem with a stable code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import structlog
from tests.api.caller import Caller, refused

from deadwax.api.errors import BY_EXCEPTION, KINDS
from deadwax.application.errors import ApplicationError, Conflict, DeliveryFailed
from deadwax.application.log import LogUnavailable
from deadwax.domain.errors import DomainError, InvalidValue
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.container import Container

JSON = {"Content-Type": "application/json"}


def test_every_kind_has_a_code_of_its_own_and_an_error_status() -> None:
    assert len({kind.code for kind in KINDS}) == len(KINDS) > 20
    assert all(400 <= kind.status < 600 for kind in KINDS)
    for exception, kind in BY_EXCEPTION.items():
        if issubclass(exception, ApplicationError | DomainError) and exception is not InvalidValue:
            assert exception.code == kind.code


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"nonsense", b'{"title": "\\ud800"}', b"[" * 60_000]
)
def test_what_is_no_json_is_malformed(admin: Caller, body: bytes) -> None:
    refused(admin.ask("POST", "/releases", content=body, headers=JSON), 400, "malformed_json")


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/xml", "multipart/x"])
def test_another_type_of_body_is_refused(admin: Caller, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    response = admin.ask("POST", "/releases", content=b'{"title": "x"}', headers=headers)
    refused(response, 415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_is_taken_however_it_is_written(admin: Caller, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    assert admin.ask("POST", "/releases", content=b'{"title": "x"}', headers=headers).is_success


def test_an_oversize_body_is_refused(admin: Caller) -> None:
    body = b'{"title": "' + b"x" * 70_000 + b'"}'
    refused(admin.ask("POST", "/releases", content=body, headers=JSON), 413, "too_large")
    chunked = (body[i : i + 1000] for i in range(0, len(body), 1000))
    refused(admin.ask("POST", "/releases", content=chunked, headers=JSON), 413, "too_large")


def test_an_unknown_field_is_named(admin: Caller) -> None:
    body = refused(admin.post("/releases", {"title": "x", "tilte": "y"}), 422, "unknown_field")
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("tilte", "unknown_field")]


def test_every_wrong_value_is_named_with_its_path_and_fix(admin: Caller) -> None:
    tracks = [{"number": 1}, {"number": 2, "isrc": "GB-AYE-69-00001", "disc": "1"}]
    body = refused(
        admin.post("/releases", {"title": 1, "icpn": "5901234123450", "tracks": tracks}),
        422,
        "invalid_request",
    )
    found = {e["field"]: e for e in body["errors"]}
    assert found.keys() == {"title", "icpn", "tracks[1].isrc", "tracks[1].disc"}
    assert found["icpn"]["code"] == "icpn_invalid"
    assert found["icpn"]["message"] == "'5901234123450': the check digit should be 7."
    assert all(e["fix"] for e in found.values())


def test_what_the_domain_refuses_is_listed(admin: Caller) -> None:
    release = admin.draft(icpn=None)
    body = refused(admin.post(f"/releases/{release['id']}/submit"), 422, "has_problems")
    found = {e["field"]: e["code"] for e in body["errors"]}
    assert found == {
        "icpn": "icpn_missing",
        "cover": "cover_missing",
        "tracks[0].file": "file_missing",
    }


def test_an_illegal_move_says_which_are_allowed(
    admin: Caller, count_events: Callable[[], int]
) -> None:
    item = admin.distribution()
    before = count_events()
    body = refused(
        admin.post(f"/distributions/{item['id']}/update", {"reason": "x"}),
        409,
        "illegal_transition",
    )
    assert body["now"] == "created"
    assert body["allowed"] == item["allowed"] == ["cancelled", "suspended", "validating"]
    assert count_events() == before


ADDRESSES = [
    ("GET", "/nothing", 404, "unknown_route"),
    ("GET", "/releases/", 404, "unknown_route"),
    ("DELETE", "/releases", 405, "method_not_allowed"),
    ("POST", "/audit-trail", 405, "method_not_allowed"),
    ("GET", "/releases/not-an-id", 422, "invalid_request"),
    ("GET", "/assets/xyz", 422, "invalid_request"),
    ("GET", "/releases?limit=0", 422, "invalid_request"),
    ("GET", "/releases?limit=201", 422, "invalid_request"),
    ("GET", "/releases?after=-1", 422, "invalid_request"),
    ("GET", "/releases?after=x", 422, "invalid_request"),
    ("GET", "/releases?cursor=x", 422, "invalid_request"),
    ("GET", "/releases?title=%00", 422, "invalid_request"),
    ("GET", "/status-board?status=lost", 422, "invalid_request"),
    ("GET", "/audit-trail?since=yesterday", 422, "invalid_request"),
    ("GET", "/audit-trail?since=2026-01-01T00:00:00", 422, "invalid_request"),
    ("GET", "/audit-trail?actor=%00", 422, "invalid_request"),
    ("DELETE", "/releases/0/tracks/0/1", 422, "invalid_request"),
]


def test_a_wrong_address_or_parameter_is_a_problem(admin: Caller) -> None:
    for method, path, status, code in ADDRESSES:
        refused(admin.ask(method, path), status, code)


def test_a_parameter_is_named(admin: Caller) -> None:
    body = refused(admin.get("/releases?limit=0&cursor=x"), 422, "invalid_request")
    assert [e["field"] for e in body["errors"]] == ["limit"]
    body = refused(admin.get("/releases?cursor=x"), 422, "invalid_request")
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("cursor", "cursor_invalid")]


def test_405_says_which_methods_there_are(admin: Caller) -> None:
    assert "POST" in admin.delete("/targets").headers["Allow"]


def _breaking(error: Exception) -> Callable[..., Any]:
    def broken(*_: object, **__: object) -> Any:
        raise error

    return broken


@pytest.mark.parametrize(
    ("error", "status", "code", "retry_after"),
    [
        (Conflict("Stream 1 moved."), 409, "conflict", "1"),
        (LogUnavailable("host=db password=hunter2"), 503, "log_unavailable", "5"),
        (psycopg.OperationalError("password=hunter2"), 503, "database_unavailable", "5"),
        (psycopg.errors.UndefinedTable("read.releases"), 503, "not_ready", "5"),
        (RuntimeError("password=hunter2"), 500, "internal", None),
    ],
)
def test_a_fault_on_our_side_is_told_without_its_details(
    admin: Caller,
    container: Container,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    code: str,
    retry_after: str | None,
) -> None:
    monkeypatch.setattr(container.releases, "draft", _breaking(error))
    with structlog.testing.capture_logs() as logged:
        response = admin.post("/releases", {"title": "x"}, headers={"X-Correlation-Id": "abc"})
    refused(response, status, code)
    assert "hunter2" not in response.text
    assert response.headers.get("Retry-After") == retry_after
    assert response.headers["X-Correlation-Id"] == "abc"
    broke = [line for line in logged if line["event"] == "request_broke"]
    assert len(broke) == (1 if code == "internal" else 0)
    assert [line["status"] for line in logged if line["event"] == "request"] == [status]


def test_a_failed_connection_test_is_a_bad_gateway(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = DeliveryFailed(FailureCategory.NETWORK_TIMEOUT, "sftp.example:22: no answer.")
    monkeypatch.setattr(container.targets, "test", _breaking(failed))
    target = admin.target()
    body = refused(admin.post(f"/targets/{target['id']}/test"), 502, "delivery_failed")
    assert body["category"] == "network_timeout"
    assert body["detail"] == "sftp.example:22: no answer."


def test_an_unreachable_database_is_503_and_retried_later(
    admin: Caller, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deadwax.infrastructure.event_log.store._PATIENCE_SECONDS", 0.1)
    container.pool.close()
    refused(admin.get("/status-board"), 503, "log_unavailable")
