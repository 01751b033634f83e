"""Targets and distributions over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.caller import Caller, done, refused

from deadwax.api.examples import TARGET
from deadwax.application.specs import Specs
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.sandbox.dsp import SandboxDsp


def test_a_target_is_opened_read_and_changed(admin: Caller) -> None:
    made = admin.target()
    path = f"/targets/{made['id']}"
    read = admin.get(path)
    assert read.headers["ETag"] == '"1"'
    settings = done(read)["settings"]
    assert settings["address"].items() >= TARGET["address"].items()
    assert settings.items() >= {**TARGET, "address": settings["address"]}.items()
    other = TARGET | {"platform": "Another"}
    assert done(admin.put(path, other, headers={"If-Match": '"1"'}))["version"] == 2
    refused(admin.put(path, other, headers={"If-Match": '"1"'}), 412, "version_mismatch")
    body = refused(admin.put(path, TARGET | {"mode": "live"}), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["mode_is_fixed"]


def test_a_host_key_is_pinned(admin: Caller) -> None:
    target = admin.target()
    key = "SHA256:" + "A" * 43
    pinned = done(admin.post(f"/targets/{target['id']}/host-key", {"host_key": key}))
    assert pinned["settings"]["address"]["host_key"] == key
    assert pinned["version"] == 2
    other = "SHA256:" + "B" * 43
    body = {"host_key": other, "beside": True}
    changing = done(admin.post(f"/targets/{target['id']}/host-key", body))["settings"]["address"]
    assert (changing["host_key"], changing["host_keys"]) == (other, [key])


@pytest.mark.parametrize("protocol", ["sftp", "scp"])
def test_a_host_key_of_the_other_way_is_pinned(admin: Caller, protocol: str) -> None:
    address = {"host": "127.0.0.1", "port": 1, "username": "label", "secret": "sandbox"}
    target = admin.target(fallback={"protocol": protocol, "address": address})
    path, key = f"/targets/{target['id']}", "SHA256:" + "A" * 43
    body = {"host_key": key, "fallback": True}
    settings = done(admin.post(f"{path}/host-key", body))["settings"]
    assert settings["fallback"]["address"]["host_key"] == key
    assert settings["address"].get("host_key") != key


def test_what_there_is_no_other_way_for_is_refused(admin: Caller) -> None:
    path = f"/targets/{admin.target()['id']}"
    for do, body in (
        ("test", {"fallback": True}),
        ("host-key", {"host_key": "SHA256:" + "A" * 43, "fallback": True}),
    ):
        told = refused(admin.post(f"{path}/{do}", body), 422, "has_problems")
        assert [e["code"] for e in told["errors"]] == ["no_fallback"]


@pytest.fixture
def dsp(tmp_path: Path) -> Iterator[SandboxDsp]:
    dsp = SandboxDsp(
        tmp_path / "dsp", dpid="PADPIDA20261121020", username="label", password="a password"
    )
    dsp.start()
    yield dsp
    dsp.stop()


def test_a_connection_is_tested_for_real(
    admin: Caller, container: Container, dsp: SandboxDsp
) -> None:
    tenant_id = UUID(done(admin.get("/tenant"))["id"])
    address = {"host": dsp.host, "port": dsp.port, "username": "label", "secret": "sandbox"}
    target = admin.target(address=address)
    path = f"/targets/{target['id']}"
    body = refused(admin.post(f"{path}/test"), 502, "delivery_failed")
    assert body["category"] == "auth_invalid"
    assert "no secret sandbox" in body["detail"]
    container.secrets.put(tenant_id, "sandbox", "a password")
    body = refused(admin.post(f"{path}/test"), 502, "delivery_failed")
    assert dsp.fingerprint in body["detail"]
    done(admin.post(f"{path}/host-key", {"host_key": dsp.fingerprint}))
    probe = done(admin.post(f"{path}/test", {}))
    assert probe["host_key"] == dsp.fingerprint
    assert probe["latency_ms"] > 0
    assert probe["free_bytes"] > 0
    assert len(probe["steps"]) >= 3
    dsp.stop()
    body = refused(admin.post(f"{path}/test"), 502, "delivery_failed")
    assert body["category"] == "network_connectivity"
    assert "a password" not in str(body)


def test_a_release_goes_to_many_targets_or_none(
    admin: Caller, count_events: Callable[[], int]
) -> None:
    release = admin.approved()
    path = f"/releases/{release['id']}/distributions"
    targets = [admin.target()["id"] for _ in range(3)]
    before = count_events()
    refused(admin.post(path, {"target_ids": [*targets, str(uuid4())]}), 404, "not_found")
    assert count_events() == before
    response = admin.post(path, {"target_ids": targets})
    assert response.status_code == 202
    made = done(response)
    assert [item["target_id"] for item in made["items"]] == targets
    assert {item["status"] for item in made["items"]} == {"created"}
    assert count_events() == before + 3
    again = done(admin.post(path, {"target_ids": targets[:1]}))
    assert again["items"] == made["items"][:1]
    assert again["position"] == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"target_ids": []}, "target_ids"),
        ({"target_ids": [str(UUID(int=1))] * 2}, ""),
        ({"target_ids": [str(UUID(int=i)) for i in range(501)]}, "target_ids"),
        ({"target_ids": [str(UUID(int=1))], "not_before": "2026-11-13T00:00:00"}, "not_before"),
        ({"target_ids": [str(UUID(int=1))], "not_before": 0}, "not_before"),
    ],
)
def test_wanted_targets_keep_their_rules(admin: Caller, body: Any, field: str) -> None:
    path = f"/releases/{admin.draft()['id']}/distributions"
    found = refused(admin.post(path, body), 422, "invalid_request")
    assert [e["field"] for e in found["errors"]] == [field]


def test_a_draft_is_not_distributed(admin: Caller) -> None:
    path = f"/releases/{admin.draft()['id']}/distributions"
    body = refused(admin.post(path, {"target_ids": [admin.target()["id"]]}), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["release_not_approved"]


def test_people_hold_resume_cancel_and_ask_again(admin: Caller) -> None:
    item = admin.distribution()
    path = f"/distributions/{item['id']}"
    held = admin.post(f"{path}/suspend", {"reason": "wait for\nthe artist"})
    assert held.status_code == 202
    assert done(held)["status"] == "suspended"
    assert done(admin.post(f"{path}/resume"))["status"] == "validating"
    assert done(admin.post(f"{path}/takedown", {"reason": "no"}))["status"] == "cancelled"
    refused(admin.post(f"{path}/cancel", {"reason": "x"}), 409, "illegal_transition")
    wanted = {"target_ids": [item["target_id"]], "not_before": "2030-01-01T00:00:00+01:00"}
    anew = done(admin.post(f"/releases/{item['release_id']}/distributions", wanted))["items"]
    assert [(i["id"], i["status"]) for i in anew] == [(item["id"], "validating")]
    assert done(admin.get(path))["not_before"] == "2030-01-01T00:00:00+01:00"


@pytest.mark.parametrize("reason", ["", "   ", "a\x07b", "x" * 2001])
def test_a_reason_says_something(admin: Caller, reason: str) -> None:
    path = f"/distributions/{uuid4()}/cancel"
    body = refused(admin.post(path, {"reason": reason}), 422, "invalid_request")
    assert [e["field"] for e in body["errors"]] == ["reason"]


XML = b"<?xml version='1.0'?><NewReleaseMessage/>"


@pytest.fixture
def sent(admin: Caller, container: Container) -> dict[str, Any]:
    """A distribution whose message was sent and confirmed: by the events of a worker."""
    item = admin.distribution()
    tenant_id = UUID(done(admin.get("/tenant"))["id"])
    xml = container.asset_store.put([XML])
    with acting(Cause(tenant_id, "process:worker", "c-1")):
        d = container.catalogue.get(Distribution, UUID(item["id"]))
        d.start_validation()
        d.pass_validation(_now())
        token = d.start_attempt("worker", _now())
        files = [{"path": "N_1/x.xml", "sha256": xml.sha256, "size": xml.size}]
        message: dict[str, Any] = {
            "id": f"{d.id.hex}.{token}",
            "kind": "initial",
            "icpn": "5901234123457",
            "xml_sha256": xml.sha256,
            "files": files,
        }
        d.compose(token, message)
        d.start_upload(token)
        d.start_publishing(token)
        d.confirm_sent(token, {"files": files, "bytes": xml.size}, expects_answer=True)
        d.acknowledge(message["id"], "live", {"sha256": "0" * 64, "information": "on sale"})
        container.catalogue.save(d)
    return item


def _now() -> datetime:
    return datetime.now(UTC)


def test_what_was_sent_and_what_was_confirmed_are_shown(
    admin: Caller, sent: dict[str, Any]
) -> None:
    found = done(admin.get(f"/distributions/{sent['id']}"))
    assert found["status"] == "live"
    assert found["group"] == "completed"
    assert "updating" in found["allowed"]
    assert found["message"]["icpn"] == "5901234123457"
    assert found["at_platform"] == [found["message"]["id"]]
    (ours,), (theirs,) = found["sent"], found["confirmed"]
    assert ours["event"] == "distribution.sent"
    assert ours["evidence"]["bytes"] == len(XML)
    assert theirs["event"] == "distribution.went_live"
    assert theirs["evidence"]["information"] == "on sale"
    assert ours["message_id"] == theirs["message_id"] == found["message"]["id"]


def test_a_message_is_shown_byte_for_byte(admin: Caller, sent: dict[str, Any]) -> None:
    path = f"/distributions/{sent['id']}"
    message_id = done(admin.get(path))["message"]["id"]
    response = admin.get(f"{path}/messages/{message_id}/xml")
    assert response.content == XML
    assert response.headers["Content-Type"] == "application/xml"
    refused(admin.get(f"{path}/messages/none/xml"), 404, "not_found")
    assert admin.as_role("compliance").get(f"{path}/messages/{message_id}/xml").is_success
    refused(admin.as_role("viewer").get(f"{path}/messages/{message_id}/xml"), 403, "forbidden")


def test_a_takedown_may_be_for_later(admin: Caller, sent: dict[str, Any]) -> None:
    path = f"/distributions/{sent['id']}/takedown"
    for wrong in ("tomorrow", "2031-13-01", 20310501, "9999-12-31T23:59:59-14:00"):
        found = refused(
            admin.post(path, {"reason": "x", "effective": wrong}), 422, "invalid_request"
        )
        assert [e["field"] for e in found["errors"]] == ["effective"]
    past = refused(
        admin.post(path, {"reason": "x", "effective": "2020-01-01"}), 422, "has_problems"
    )
    assert [e["code"] for e in past["errors"]] == ["takedown_in_the_past"]

    asked = done(admin.post(path, {"reason": "x", "effective": "2199-01-01"}))

    assert (asked["status"], asked["kind"]) == ("takedown_requested", "takedown")


def test_a_purge_needs_the_icpn_a_takedown_and_a_target_that_can_carry_it(
    admin: Caller, container: Container
) -> None:
    batches = admin.distribution()["id"]
    single = admin.distribution(choreography={"kind": "release_by_release"})["id"]
    wanted = {"reason": "for good", "icpn": "5901234123457"}

    refused(admin.post(f"/distributions/{single}/purge", {"reason": "x"}), 422, "invalid_request")
    found = refused(admin.post(f"/distributions/{batches}/purge", wanted), 422, "has_problems")
    assert [e["code"] for e in found["errors"]] == ["purge_not_in_batch"]
    refused(admin.post(f"/distributions/{single}/purge", wanted), 409, "illegal_transition")
    _answered(admin, container, UUID(single), "removed")
    other = wanted | {"icpn": "5901234123464"}
    found = refused(admin.post(f"/distributions/{single}/purge", other), 422, "has_problems")
    assert [e["code"] for e in found["errors"]] == ["purge_not_confirmed"]

    asked = done(admin.post(f"/distributions/{single}/purge", wanted))

    assert (asked["status"], asked["kind"]) == ("purge_requested", "purge")


def test_what_an_update_would_change_is_shown(admin: Caller, container: Container) -> None:
    item = admin.distribution()
    path = f"/distributions/{item['id']}"
    nothing = {"compared_with": None, "changes": [], "would_be_sent": True}
    assert done(admin.get(f"{path}/changes")) == nothing
    _answered(admin, container, UUID(item["id"]), "live")
    unchanged = done(admin.get(f"{path}/changes"))
    assert unchanged == {"compared_with": "m1", "changes": [], "would_be_sent": False}
    release = done(admin.get(f"/releases/{item['release_id']}"))
    title = {"title": "Another title"}
    done(admin.patch(f"/releases/{item['release_id']}", title))

    found = done(admin.get(f"{path}/changes"))

    before = release["metadata"]["title"]
    assert found["changes"] == [{"field": "title", "before": before, "after": "Another title"}]
    assert found["would_be_sent"]
    refused(admin.get(f"/distributions/{uuid4()}/changes"), 404, "not_found")


def _answered(admin: Caller, container: Container, id: UUID, outcome: str) -> None:
    """A message of the release as it is now is sent, and the platform answers."""
    with acting(Cause(UUID(done(admin.get("/tenant"))["id"]), "process:worker", "c-1")):
        d = container.catalogue.get(Distribution, id)
        d.start_validation()
        d.pass_validation(_now())
        token = d.start_attempt("worker", _now())
        sources = Specs(container.catalogue).sources(d).versions
        icpn = {"icpn": "5901234123457"}
        d.compose(token, {"id": "m1", "kind": "initial", "files": [], "sources": sources, **icpn})
        d.start_upload(token)
        d.start_publishing(token)
        d.confirm_sent(token, {"files": []}, expects_answer=True)
        d.acknowledge("m1", outcome, {"sha256": "0" * 64})
        container.catalogue.save(d)


def test_a_person_settles_an_unknown_outcome(
    admin: Caller, container: Container, sent: dict[str, Any]
) -> None:
    path = f"/distributions/{sent['id']}"
    refused(
        admin.post(f"{path}/resolve", {"delivered": True, "evidence": "x"}),
        409,
        "illegal_transition",
    )
    done(admin.post(f"{path}/update", {"reason": "new cover"}))
    tenant_id = UUID(done(admin.get("/tenant"))["id"])
    with acting(Cause(tenant_id, "process:worker", "c-1")):
        d = container.catalogue.get(Distribution, UUID(sent["id"]))
        token = d.start_attempt("worker", _now())
        d.compose(token, {"id": f"{d.id.hex}.{token}", "kind": "update", "icpn": "1", "files": []})
        d.start_upload(token)
        d.start_publishing(token)
        d.give_back(token, "lease_expired")
        container.catalogue.save(d)
    assert done(admin.get(path))["status"] == "outcome_unknown"
    told = {"delivered": True, "evidence": "Ticket 4711: they have it."}
    assert done(admin.post(f"{path}/resolve", told))["status"] == "processing_by_platform"
    evidence = done(admin.get(path))["sent"][-1]["evidence"]
    assert evidence["statement"] == told["evidence"]
    assert evidence["by"] == admin.actor
