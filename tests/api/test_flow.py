"""Targets and tenants are held back and let go; what waits can be seen."""

from __future__ import annotations

from uuid import uuid4

from tests.api.caller import Caller, done, refused
from tests.api.conftest import Projecting

from deadwax.api.examples import TARGET


def test_a_paused_target_says_why_and_goes_on_when_resumed(
    admin: Caller, projecting: Projecting
) -> None:
    with projecting():
        id = done(admin.post("/targets", TARGET))["id"]
        done(admin.post(f"/targets/{id}/pause", {"reason": "They move house."}))
        health = done(admin.get(f"/targets/{id}/health"))
        assert (health["paused"], health["paused_reason"]) == (True, "They move house.")
        assert done(admin.get(f"/targets/{id}"))["paused"]["reason"] == "They move house."
        position = done(admin.post(f"/targets/{id}/resume", {}))["position"]
        assert done(admin.get(f"/targets/{id}/health?after={position}"))["paused"] is False
        assert done(admin.get(f"/targets?after={position}"))["items"][0]["paused_at"] is None


def test_a_pause_that_is_over_before_it_begins_is_refused(admin: Caller) -> None:
    id = done(admin.post("/targets", TARGET))["id"]
    body = {"reason": "Yesterday.", "until": "2020-01-01T00:00:00Z"}
    told = refused(admin.post(f"/targets/{id}/pause", body), 422, "has_problems")
    assert [e["code"] for e in told["errors"]] == ["pause_in_the_past"]


def test_a_time_that_its_offset_moves_out_of_all_years_is_refused(admin: Caller) -> None:
    id = done(admin.post("/targets", TARGET))["id"]
    late = "9999-12-31T23:59:59-14:00"
    body = {"reason": "For ever.", "until": late}
    told = refused(admin.post(f"/targets/{id}/pause", body), 422, "invalid_request")
    assert [(e["code"], e["field"]) for e in told["errors"]] == [("time_out_of_range", "until")]
    for query in (f"until={late}", "since=0001-01-01T00:00:00%2B14:00"):
        told = refused(admin.get(f"/failures?{query}"), 422, "invalid_request")
        assert [e["code"] for e in told["errors"]] == ["time_out_of_range"]


def test_only_operators_pause_tenants(admin: Caller, operator: Caller) -> None:
    id = done(admin.get("/tenant"))["id"]
    refused(admin.post(f"/tenants/{id}/pause", {"reason": "no"}), 403, "forbidden")
    done(operator.post(f"/tenants/{id}/pause", {"reason": "Unpaid."}))
    assert done(admin.get("/tenant"))["paused"]["reason"] == "Unpaid."
    done(operator.post(f"/tenants/{id}/resume", {}))
    assert done(admin.get("/tenant"))["paused"] is None
    refused(operator.post(f"/tenants/{uuid4()}/pause", {"reason": "no"}), 404, "not_found")


def test_the_queue_of_a_new_installation_is_empty(admin: Caller, operator: Caller) -> None:
    for caller in (admin, operator):
        assert done(caller.get("/system/queue")) == {"items": [], "at_work": 0}
