"""Acknowledgements over HTTP: taken as if they had been read from the target."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.api.caller import Caller, done, refused
from tests.api.conftest import Projecting

from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.infrastructure import operations
from deadwax.infrastructure.container import Container

ICPN = "<ICPN>5901234123457</ICPN>"
HEAD = (
    '<a:AcknowledgementMessage xmlns:a="http://ddex.net/xml/ern-c-sftp/18" AvsVersionId="4">'
    "<MessageHeader/>"
)


def about(message_id: str, status: str = "ReleaseMadeAvailableToConsumers") -> str:
    return (
        f"<ReleaseStatus><ReleaseId/><ReleaseStatus>{status}</ReleaseStatus><Acknowledgement>"
        f"<MessageType>NewReleaseMessage</MessageType><MessageId>{message_id}</MessageId>"
        "<MessageStatus><Status>FileOK</Status></MessageStatus></Acknowledgement></ReleaseStatus>"
    )


def xml(*statements: str) -> bytes:
    return f"{HEAD}{''.join(statements)}</a:AcknowledgementMessage>".encode()


def post(caller: Caller, target_id: str, data: bytes, kind: str = "text/xml") -> httpx.Response:
    path = f"/targets/{target_id}/acknowledgements"
    return caller.post(path, content=data, headers={"Content-Type": kind})


def test_an_acknowledgement_is_applied_once_in_the_name_of_its_sender(
    admin: Caller, sent: dict[str, Any], count_events: Callable[[], int], container: Container
) -> None:
    response = post(admin, sent["target_id"], xml(about(sent["message_id"])))
    assert response.status_code == 202
    assert done(response)["applied"] == [
        {
            "distribution_id": sent["id"],
            "message_id": sent["message_id"],
            "outcome": "live",
            "status": "ReleaseMadeAvailableToConsumers",
        }
    ]
    found = done(admin.get(f"/distributions/{sent['id']}"))
    assert found["status"] == "live"
    (last, *_) = reversed(container.log.load(UUID(sent["id"])))
    assert last.actor == admin.actor
    before = count_events()
    again = done(post(admin, sent["target_id"], xml(about(sent["message_id"]))))
    assert (again["position"], again["kept"]) == (0, None)
    assert count_events() == before


def test_what_matches_nothing_is_kept_and_listed(
    admin: Caller, sent: dict[str, Any], projecting: Projecting
) -> None:
    data = xml(about(sent["message_id"]), about("M9"))
    taken = done(post(admin, sent["target_id"], data))
    assert [a["message_id"] for a in taken["applied"]] == [sent["message_id"]]
    assert [p["code"] for p in taken["problems"]] == ["ack_message_unknown"]
    path = f"/targets/{sent['target_id']}/acknowledgements"
    with projecting():
        (row,) = done(admin.get(f"{path}?after={taken['position']}"))["items"]
    assert (row["acknowledgement_id"], row["source"]) == (taken["kept"], "http")
    assert row["problems"] == taken["problems"]
    content = admin.get(f"{path}/{taken['kept']}/xml")
    assert content.content == data
    refused(admin.get(f"/targets/{uuid4()}/acknowledgements/{taken['kept']}/xml"), 404, "not_found")


def test_what_is_no_acknowledgement_changes_nothing(
    admin: Caller, count_events: Callable[[], int]
) -> None:
    target_id = admin.target()["id"]
    before = count_events()
    body = refused(post(admin, target_id, b"<html/>"), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["ack_unknown"]
    refused(post(admin, target_id, xml(), "application/json"), 415, "unsupported_media_type")
    refused(post(admin, str(uuid4()), xml()), 404, "not_found")
    assert count_events() == before


def test_while_a_delivery_is_under_way_it_has_to_come_again(
    admin: Caller, sent: dict[str, Any], container: Container
) -> None:
    done(admin.post(f"/distributions/{sent['id']}/takedown", {"reason": "x"}))
    with acting(Cause(UUID(done(admin.get("/tenant"))["id"]), "process:worker", "c-1")):
        d = container.catalogue.get(Distribution, UUID(sent["id"]))
        d.start_attempt("worker", datetime.now(UTC))
        container.catalogue.save(d)
    response = post(admin, sent["target_id"], xml(about(sent["message_id"])))
    refused(response, 409, "not_yet")
    assert response.headers["Retry-After"] == "5"


def test_while_the_read_side_is_behind_a_release_is_not_called_unknown(
    admin: Caller, sent: dict[str, Any], projecting: Projecting, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_release = xml(about("").replace("<ReleaseId/>", f"<ReleaseId>{ICPN}</ReleaseId>"))
    with projecting():
        assert done(post(admin, sent["target_id"], of_release))["applied"]
    done(admin.post(f"/distributions/{sent['id']}/update", {"reason": "not projected"}))
    monkeypatch.setattr(operations, "wait_for", partial(operations.wait_for, timeout=0.05))
    refused(post(admin, sent["target_id"], of_release), 409, "not_yet")
