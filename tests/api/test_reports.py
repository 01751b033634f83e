"""What platforms say beside acknowledgements: webhooks, mails, files, and a person's word."""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import time
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient
from openpyxl import Workbook
from tests.api.caller import Caller, done, refused
from tests.api.conftest import Projecting

from deadwax.application.statements import COLUMNS
from deadwax.domain.notice import NoticeReceived
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.reports.files import XLSX

SECRET = "a secret that both know"
WEBHOOK = {
    "secret": "vinyl-webhook",
    "signature_header": "X-Vinyl-Signature",
    "prefix": "sha256=",
    "timestamp_header": "X-Vinyl-Time",
    "event_id": "/event",
    "fields": {
        "statements": "/releases",
        "status": "/state",
        "release_id": "/product/upc",
        "information": "/why",
    },
}
WORDS = [{"native": "In Store", "means": "live"}, {"native": "parked", "means": "pending"}]
SAID = {"event": "evt-1", "releases": [{"product": {"upc": "5901234123457"}, "state": "IN_STORE"}]}

Sign = Callable[..., httpx.Response]


@pytest.fixture
def told(admin: Caller, sent: dict[str, Any], container: Container) -> dict[str, Any]:
    """A sent distribution whose platform may report."""
    target = done(admin.get(f"/targets/{sent['target_id']}"))
    settings = target["settings"] | {"reports": {"words": WORDS, "webhook": WEBHOOK}}
    done(admin.put(f"/targets/{sent['target_id']}", _given(settings)))
    container.secrets.put(UUID(done(admin.get("/tenant"))["id"]), "vinyl-webhook", SECRET)
    return sent


def _given(settings: Any) -> Any:
    """As one writes it: what is not set is left out."""
    if isinstance(settings, dict):
        return {name: _given(value) for name, value in settings.items() if value is not None}
    return [_given(item) for item in settings] if isinstance(settings, list) else settings


@pytest.fixture
def sign(http: TestClient, told: dict[str, Any]) -> Sign:
    def send(
        said: Any = SAID, *, secret: str = SECRET, age: int = 0, target: str = told["target_id"]
    ) -> httpx.Response:
        body, stamp = json.dumps(said).encode(), str(int(time.time()) - age)
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Vinyl-Signature": f"sha256={digest}", "X-Vinyl-Time": stamp}
        return http.post(f"/webhooks/{target}", content=body, headers=headers)

    return send


def status(admin: Caller, told: dict[str, Any]) -> str:
    return str(done(admin.get(f"/distributions/{told['id']}"))["status"])


def test_a_signed_report_is_kept_raw_then_read_and_applied(
    admin: Caller,
    told: dict[str, Any],
    sign: Sign,
    container: Container,
    projecting: Projecting,
) -> None:
    taken = done(sign())
    assert not taken["repeated"]
    path = f"/targets/{told['target_id']}/reports"
    assert admin.get(f"{path}/{taken['id']}/content").json() == SAID
    assert status(admin, told) == "processing_by_platform"
    with projecting():
        container.notices.read(UUID(taken["id"]))
        assert status(admin, told) == "live"
        head = container.log.load(UUID(taken["id"]))
        assert [event.TOPIC for event in head] == ["notice.received", "notice.examined"]
        (row,) = done(admin.get(f"{path}?after={_head(container)}"))["items"]
    assert (row["status"], row["applied"], row["problems"]) == ("read", 1, [])
    evidence = done(admin.get(f"/distributions/{told['id']}"))["confirmed"][-1]["evidence"]
    assert (evidence["status"], evidence["source"]) == ("IN_STORE", "webhook")


def _head(container: Container) -> int:
    with container.pool.connection() as connection:
        row = connection.execute("SELECT max(position) FROM events").fetchone()
    assert row
    return int(row[0])


def test_the_same_report_twice_is_taken_once(sign: Sign, count_events: Callable[[], int]) -> None:
    first = done(sign())
    before = count_events()
    second = done(sign())
    assert (second["id"], second["repeated"]) == (first["id"], True)
    assert count_events() == before


@pytest.mark.parametrize("id", ["\0", "\ud800", "x" * 5000], ids=["nul", "surrogate", "long"])
def test_a_report_by_an_id_that_cannot_be_kept_is_taken_once(
    sign: Sign, id: str, told: dict[str, Any], container: Container
) -> None:
    first = done(sign(SAID | {"event": id}))
    assert done(sign(SAID | {"event": id})) == first | {"repeated": True}
    assert done(sign(SAID | {"event": id + "2"}))["id"] != first["id"]
    [kept] = container.log.load(UUID(first["id"]))
    assert isinstance(kept, NoticeReceived)
    assert len(kept.external_id) == 64


@pytest.mark.parametrize(
    "wrong", [{"secret": "another"}, {"age": 310}, {"age": -310}, {"target": str(UUID(int=7))}]
)
def test_what_is_not_signed_now_by_the_platform_is_refused_alike(
    sign: Sign, wrong: dict[str, Any], count_events: Callable[[], int]
) -> None:
    before = count_events()
    body = refused(sign(**wrong), 401, "unauthenticated")
    assert body["detail"] == "The request does not prove that it is the platform's, and of now."
    assert count_events() == before


def test_words_that_nobody_explained_are_left_to_a_person(
    admin: Caller, told: dict[str, Any], sign: Sign, container: Container, projecting: Projecting
) -> None:
    said = {"event": "evt-2", "releases": [SAID["releases"][0] | {"state": "wobbly"}]}
    taken = done(sign(said))
    with projecting():
        container.notices.read(UUID(taken["id"]))
        path = f"/targets/{told['target_id']}/reports?after={_head(container)}"
        (row,) = done(admin.get(path))["items"]
    assert [p["code"] for p in row["problems"]] == ["status_unclear"]
    assert row["problems"][0]["field"] == "/releases/0"
    assert status(admin, told) == "processing_by_platform"


@pytest.mark.parametrize("said", [{"event": "1"}, {"event": "2", "releases": [{"state": "live"}]}])
def test_a_report_without_what_its_fields_promise_changes_nothing(
    admin: Caller, told: dict[str, Any], sign: Sign, container: Container, said: Any
) -> None:
    taken = done(sign(said))
    container.notices.read(UUID(taken["id"]))
    (_, read) = container.log.load(UUID(taken["id"]))
    assert read.problems[0]["code"].startswith("report_")
    assert status(admin, told) == "processing_by_platform"


def _csv() -> bytes:
    return b"UPC;Status;Comment\n5901234123457;In Store;at noon\n4006381333931;live;\n"


def _xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["UPC", "Delivery Status", "Comment"])
    sheet.append([5901234123457, "In Store", "at noon"])
    sheet.append([4006381333931, "live", None])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _json() -> bytes:
    ours = {"release_id": "5901234123457", "status": "In Store", "information": "at noon"}
    return json.dumps([ours, {"release_id": "4006381333931", "status": "live"}]).encode()


@pytest.mark.parametrize(
    ("data", "kind"),
    [(_csv(), "text/csv"), (_xlsx(), XLSX), (_json(), "application/json")],
    ids=["csv", "xlsx", "json"],
)
def test_a_status_file_is_tried_then_brought(
    admin: Caller,
    told: dict[str, Any],
    container: Container,
    projecting: Projecting,
    data: bytes,
    kind: str,
) -> None:
    path, headers = f"/targets/{told['target_id']}/reports", {"Content-Type": kind}
    with projecting():
        tried = done(admin.post(f"{path}/rehearsal", content=data, headers=headers))
        assert [a["distribution_id"] for a in tried["applied"]] == [told["id"]]
        assert [p["code"] for p in tried["problems"]] == ["ack_release_unknown"]
        assert status(admin, told) == "processing_by_platform"
        taken = done(admin.post(f"{path}?name=week.csv", content=data, headers=headers))
        container.notices.read(UUID(taken["id"]))
    assert status(admin, told) == "live"
    again = done(admin.post(path, content=data, headers=headers))
    assert (again["id"], again["repeated"]) == (taken["id"], True)


@pytest.mark.parametrize(
    ("data", "kind", "code"),
    [
        (b"a,b\n1,2\n", "text/csv", "report_columns_missing"),
        (b"upc,status\n5901234123457,\n", "text/csv", "report_without_status"),
        (b"\xff\xfe", "text/csv", "report_file_unreadable"),
        (b"upc\0,status\n5901234123457,live\n", "text/csv", "report_file_unreadable"),
        (b'[{"status": "live\\ud800", "release_id": "1"}]', "application/json", "report_not_text"),
        (b'[{"status": "live", "release_id": "1\\u0000"}]', "application/json", "report_not_text"),
        (b"PK not a workbook", XLSX, "report_file_unreadable"),
        (b"{", "application/json", "report_not_json"),
        (b"[" * 100_00, "application/json", "report_not_json"),
    ],
)
def test_a_file_that_is_none_is_refused_when_tried(
    admin: Caller, told: dict[str, Any], data: bytes, kind: str, code: str
) -> None:
    path = f"/targets/{told['target_id']}/reports/rehearsal"
    response = admin.post(path, content=data, headers={"Content-Type": kind})
    assert [e["code"] for e in refused(response, 422, "has_problems")["errors"]] == [code]


def test_a_workbook_whose_sheet_is_no_xml_is_refused(admin: Caller, told: dict[str, Any]) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_xlsx())) as good, zipfile.ZipFile(made, "w") as bad:
        for name in good.namelist():
            sheet = name.endswith("sheet1.xml")
            bad.writestr(name, "<worksheet>&nobody;" if sheet else good.read(name))
    path = f"/targets/{told['target_id']}/reports/rehearsal"
    response = admin.post(path, content=made.getvalue(), headers={"Content-Type": XLSX})
    [error] = refused(response, 422, "has_problems")["errors"]
    assert error["code"] == "report_file_unreadable"


def test_every_column_has_a_meaning_of_a_statement() -> None:
    assert set(COLUMNS.values()) == {"message_id", "release_id", "status", "information"}


def test_a_person_states_what_a_platform_said(admin: Caller, told: dict[str, Any]) -> None:
    path = f"/distributions/{told['id']}/report"
    done(admin.post(path, {"status": "parked", "evidence": "On the telephone."}))
    assert status(admin, told) == "processing_by_platform"
    stated = done(admin.post(path, {"status": "In Store", "evidence": "Seen there."}))
    assert (stated["outcome"], stated["message_id"]) == ("live", told["message_id"])
    assert status(admin, told) == "live"
    body = refused(admin.post(path, {"status": "wobbly", "evidence": "?"}), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["status_unclear"]
