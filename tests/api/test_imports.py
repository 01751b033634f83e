"""Releases from messages over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.api.caller import Caller, done, refused
from tests.ern.releases import album, spec_of

from deadwax.application.messages import MessageKind
from deadwax.infrastructure.ern.builder import DdexMessages

XML = {"Content-Type": "application/xml"}


def message(schemas: Path, kind: MessageKind = MessageKind.INITIAL) -> bytes:
    return DdexMessages(schemas).build(spec_of(album(), kind)).xml


def send(admin: Caller, data: bytes) -> Any:
    return admin.ask("POST", "/releases/import", content=data, headers=XML)


def test_message_becomes_a_draft_once(admin: Caller, schemas: Path) -> None:
    xml = message(schemas)

    first, second = send(admin, xml), send(admin, xml)

    made, again = done(first), done(second)
    assert first.status_code == 201
    assert first.headers["Location"] == f"/api/v1/releases/{made['release']['id']}"
    assert made["release"]["metadata"]["title"] == album().title
    assert (made["imported_before"], again["imported_before"]) == (False, True)
    assert again["release"] == made["release"]
    assert {"field": "cover", "uri": "resources/5901234123457.jpg"} in made["files"]
    assert made["report"] == []


def test_what_the_draft_does_not_hold_is_told(admin: Caller, schemas: Path) -> None:
    xml = message(schemas).replace(b"</ReleaseList>", b"<Odd>x</Odd></ReleaseList>")
    (entry,) = done(send(admin, xml))["report"]
    assert (entry["fate"], entry["value"]) == ("no_place", "x")
    assert entry["path"] == "/NewReleaseMessage/ReleaseList/Odd"


def test_what_offers_no_release_is_refused(admin: Caller, schemas: Path) -> None:
    takedown = refused(send(admin, message(schemas, MessageKind.TAKEDOWN)), 422, "has_problems")
    assert [e["code"] for e in takedown["errors"]] == ["not_a_release"]
    broken = refused(send(admin, b"<a"), 422, "has_problems")
    assert [e["code"] for e in broken["errors"]] == ["xml_malformed"]
    labelled = message(schemas).replace(b"Run-out Records</FullName>", b"Nobody</FullName>")
    unknown = refused(send(admin, labelled), 422, "has_problems")
    assert [e["code"] for e in unknown["errors"]] == ["label_unknown"]
