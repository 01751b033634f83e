"""Schedules, the calendar and its warnings over HTTP."""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.api.caller import Caller, done, refused
from tests.api.conftest import Projecting

from deadwax.api.examples import SCHEDULE
from deadwax.infrastructure.container import Container

DAY = timedelta(days=1)


def in_days(days: float) -> str:
    return (datetime.now(UTC) + days * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")


def delivery(release: dict[str, Any], target: dict[str, Any], **when: Any) -> dict[str, Any]:
    return {
        "name": "The album",
        "action": "deliver",
        "reason": "The campaign.",
        "releases": [release["id"]],
        "targets": [target["id"]],
        **when,
    }


def test_a_schedule_from_its_making_to_what_it_did(
    admin: Caller,
    container: Container,
    projecting: Projecting,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release, target = admin.approved(), admin.target()
    made = done(admin.post("/schedules", delivery(release, target, at={"time": in_days(2)})))
    path = f"/schedules/{made['id']}"
    assert made["plan"][0]["pairs"] == [{"release_id": release["id"], "target_id": target["id"]}]

    soon = {"at": {"time": in_days(1)}, "name": "Sooner"}
    changed = done(admin.patch(path, soon))
    assert (changed["terms"]["name"], changed["version"]) == ("Sooner", 2)
    refused(
        admin.patch(path, {"name": "Late"}, headers={"If-Match": '"1"'}), 412, "version_mismatch"
    )
    paused = done(admin.post(f"{path}/pause", {"reason": "A dispute."}))
    assert (paused["status"], paused["next_at"]) == ("paused", None)
    assert paused["allowed"] == ["active", "cancelled"]
    resumed = done(admin.post(f"{path}/resume"))
    assert resumed["next_at"] is not None

    due = datetime.fromisoformat(resumed["next_at"])
    monkeypatch.setattr(container.schedule_runs, "_clock", lambda: due)
    container.schedule_runs.advance(UUID(resumed["id"]), lambda: True)

    [run] = done(admin.get(f"{path}/runs"))["items"]
    assert (run["changed"], run["refused"], run["number"]) == (1, 0, 1)
    d = done(admin.get(f"/distributions/{run['distribution_ids'][0]}"))
    assert (d["release_id"], d["target_id"]) == (release["id"], target["id"])
    with projecting():
        after = {"after": done(admin.get("/system/projections"))["head"]}
        listed = done(admin.get("/schedules", params=after | {"status": "finished"}))["items"]
        assert [(s["name"], s["changed"]) for s in listed] == [("Sooner", 1)]
        entries = done(
            admin.get("/audit-trail", params=after | {"correlation_id": run["correlation_id"]})
        )["items"]
    assert [e["type"] for e in entries] == [
        "distribution.requested",
        "schedule.progressed",
        "schedule.run_ended",
    ]
    refused(admin.post(f"{path}/cancel", {"reason": "x"}), 409, "illegal_transition")


def test_the_example_is_made_and_cancelled(admin: Caller) -> None:
    made = done(admin.post("/schedules", SCHEDULE))
    assert datetime.fromisoformat(made["next_at"]) > datetime.now(UTC)

    cancelled = done(admin.post(f"/schedules/{made['id']}/cancel", {"reason": "Not now."}))

    assert (cancelled["status"], cancelled["allowed"]) == ("cancelled", [])


def test_the_calendar_tells_what_will_miss_its_date_and_warns(
    admin: Caller, container: Container, projecting: Projecting
) -> None:
    day = (datetime.now(UTC) + 5 * DAY).date().isoformat()
    release = admin.approved()
    deals = copy.deepcopy(release["metadata"]["deals"])
    for deal in deals:
        deal["start"] = day
    done(
        admin.patch(
            f"/releases/{release['id']}",
            {"release_date": day, "original_release_date": day, "deals": deals},
        )
    )
    target = admin.target(policy={"lead_hours": 168})
    path = f"/releases/{release['id']}/distributions"
    asked = done(admin.post(path, {"target_ids": [target["id"]]}))
    around = {"from": in_days(0), "to": in_days(30)}
    with projecting():
        after = {"after": asked["position"]}
        [entry] = done(admin.get("/calendar", params=around | after))["items"]
        assert (entry["state"], entry["why"]) == ("will_miss", "lead_time_passed")
        assert (entry["platform"], entry["lead_hours"]) == ("Sandbox DSP", 168)
        tenant = done(admin.get("/tenant"))["id"]
        container.date_watch.watch(UUID(tenant))
        after = {"after": done(admin.get("/system/projections"))["head"]}
        [warning] = done(admin.get("/warnings", params=after))["items"]
    assert (warning["release_id"], warning["state"]) == (release["id"], "will_miss")


@pytest.mark.parametrize(
    "wrong",
    [
        {"from": in_days(0), "to": in_days(100)},
        {"from": in_days(1), "to": in_days(0)},
    ],
)
def test_a_range_that_is_none_is_refused(admin: Caller, wrong: dict[str, str]) -> None:
    body = refused(admin.get("/calendar", params=wrong), 422, "invalid_request")

    assert [(e["code"], e["field"]) for e in body["errors"]] == [("range_invalid", "to")]


def test_the_past_and_the_unknown_are_refused_and_nothing_is_stored(admin: Caller) -> None:
    release, target = admin.approved(), admin.target()
    past = delivery(release, target, at={"time": "2020-01-01T00:00:00Z"})
    body = refused(admin.post("/schedules", past), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["schedule_in_the_past"]

    unknown = delivery(release, {"id": release["id"]}, at={"time": in_days(1)})
    refused(admin.post("/schedules", unknown), 404, "not_found")

    unplanned = delivery(release, target, before_release={})
    body = refused(admin.post("/schedules", unplanned), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["lead_time_unknown"]


def test_what_belongs_to_another_tenant_does_not_exist(make_tenant: Any) -> None:
    mine, other = make_tenant(), make_tenant()
    path = f"/schedules/{done(mine.post('/schedules', SCHEDULE))['id']}"

    for response in (
        other.get(path),
        other.get(f"{path}/runs"),
        other.patch(path, {"name": "Mine now"}),
        other.post(f"{path}/pause", {"reason": "x"}),
        other.post(f"{path}/resume"),
        other.post(f"{path}/cancel", {"reason": "x"}),
    ):
        refused(response, 404, "not_found")
