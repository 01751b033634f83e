"""Every request leaves one line, which can be followed and holds no secret."""

from __future__ import annotations

import pytest
import structlog
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done


def test_a_request_is_logged_with_what_identifies_it(admin: Caller) -> None:
    release = admin.draft()
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as log:
        admin.get(f"/releases/{release['id']}", headers={"X-Correlation-Id": "trace-1"})
    (line,) = log
    assert line.pop("ms") > 0
    assert line.pop("tenant") == done(admin.get("/tenant"))["id"]
    assert f"key:{line.pop('key')}" == admin.actor
    assert line == {
        "event": "request",
        "log_level": "info",
        "correlation_id": "trace-1",
        "method": "GET",
        "route": "/api/v1/releases/{release_id}",
        "status": 200,
    }


def test_no_header_query_or_body_is_logged(admin: Caller) -> None:
    with structlog.testing.capture_logs(
        processors=[structlog.contextvars.merge_contextvars]
    ) as log:
        admin.post("/releases?hunter2=1", {"title": "hunter2"}, headers={"X-Hunter2": "hunter2"})
        admin.post("/releases", {"hunter2": 1})
        admin.as_role("viewer")
    assert len(log) == 3
    text = str(log)
    assert "hunter2" not in text
    assert "dwx_" not in text


@pytest.mark.parametrize("given", ["", "a b", "a\tb", "<script>", "x" * 129, "-x"])
def test_an_unsafe_correlation_id_is_replaced(http: TestClient, given: str) -> None:
    answered = http.get("/livez", headers={"X-Correlation-Id": given}).headers["X-Correlation-Id"]
    assert answered != given
    assert len(answered) == 36


def test_a_safe_correlation_id_is_echoed(http: TestClient) -> None:
    response = http.get("/nothing", headers={"X-Correlation-Id": "order:2026.11_x-1"})
    assert response.headers["X-Correlation-Id"] == "order:2026.11_x-1"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_requests_have_ids_of_their_own(http: TestClient) -> None:
    answered = {http.get("/livez").headers["X-Correlation-Id"] for _ in range(5)}
    assert len(answered) == 5
