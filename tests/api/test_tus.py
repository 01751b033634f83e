"""Resumable uploads, as tus 1.0 says it: every answer, and what is there afterwards."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done, refused, sha256, sound
from tests.api.conftest import MakeTenant

from deadwax.application.uploads import Way, remove_expired
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.settings import Settings

DATA = sound(0.3)
VERSION = {"Tus-Resumable": "1.0.0"}
BYTES = {**VERSION, "Content-Type": "application/offset+octet-stream"}


def metadata(**pairs: str) -> str:
    return ",".join(f"{k} {base64.b64encode(v.encode()).decode()}" for k, v in pairs.items())


def checksum(data: bytes, algorithm: str = "sha1") -> str:
    digest = hashlib.new(algorithm, data).digest()
    return f"{algorithm} {base64.b64encode(digest).decode()}"


class Tus:
    """A caller who speaks tus."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller

    def create(
        self, length: int | None = len(DATA), data: bytes | None = None, **headers: str
    ) -> httpx.Response:
        named = {"Upload-Metadata": metadata(filename="01 été.wav")}
        if length is not None:
            named["Upload-Length"] = str(length)
        sent = {} if data is None else {"content": data}
        kind = BYTES if data is not None else VERSION
        return self.caller.ask("POST", "/tus", headers=kind | named | headers, **sent)

    def made(self, *args: Any, **headers: str) -> str:
        """The path of a new upload, below /api/v1."""
        answer = self.create(*args, **headers)
        assert answer.status_code == 201, answer.text
        return str(answer.headers["Location"]).removeprefix("/api/v1")

    def head(self, path: str) -> httpx.Response:
        return self.caller.ask("HEAD", path, headers=VERSION)

    def append(self, path: str, offset: int, data: bytes, **headers: str) -> httpx.Response:
        more = {"Upload-Offset": str(offset)}
        return self.caller.ask("PATCH", path, content=data, headers=BYTES | more | headers)

    def delete(self, path: str) -> httpx.Response:
        return self.caller.ask("DELETE", path, headers=VERSION)


@pytest.fixture
def tus(admin: Caller) -> Tus:
    return Tus(admin)


@pytest.fixture
def left(settings: Settings) -> Any:
    """What stands in the store and in the spool."""

    def names() -> list[str]:
        folders = (settings.assets_dir, settings.spool_dir)
        return sorted(p.name for f in folders for p in f.rglob("*") if p.is_file())

    return names


def offset(answer: httpx.Response) -> int:
    assert answer.is_success, answer.text
    return int(answer.headers["Upload-Offset"])


def test_what_is_spoken_is_told_to_everybody(http: TestClient, settings: Settings) -> None:
    for path in ("/api/v1/tus", f"/api/v1/tus/{uuid4()}"):
        answer = http.options(path)
        assert answer.status_code == 204
        assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
        assert answer.headers["Tus-Max-Size"] == str(settings.max_asset_bytes)
        assert answer.headers["Tus-Checksum-Algorithm"] == "sha1,sha256"
        assert set(answer.headers["Tus-Extension"].split(",")) == {
            *("creation", "creation-with-upload", "expiration"),
            *("checksum", "termination", "concatenation"),
        }


def test_a_file_comes_in_pieces_and_is_an_asset_then(tus: Tus, admin: Caller, left: Any) -> None:
    path = tus.made()
    answer = tus.head(path)
    assert offset(answer) == 0
    assert answer.headers["Upload-Length"] == str(len(DATA))
    assert answer.headers["Upload-Metadata"] == metadata(filename="01 été.wav")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    answer = tus.append(path, 0, DATA[:1000])
    assert (answer.status_code, offset(answer)) == (204, 1000)
    assert "Deadwax-Asset" not in answer.headers
    assert offset(tus.head(path)) == 1000
    answer = tus.append(path, 1000, DATA[1000:])
    assert (answer.status_code, offset(answer)) == (204, len(DATA))
    assert answer.headers["Deadwax-Asset"] == sha256(DATA)
    assert int(answer.headers["Deadwax-Position"]) > 0
    facts = done(admin.get(f"/assets/{sha256(DATA)}"))
    assert (facts["filename"], facts["size"]) == ("01 été.wav", len(DATA))
    assert facts["awaits_analysis"]
    after = tus.head(path)
    assert (offset(after), after.headers["Deadwax-Asset"]) == (len(DATA), sha256(DATA))
    assert left() == [sha256(DATA)]
    assert admin.get(f"/assets/{sha256(DATA)}/content").content == DATA


def test_the_first_bytes_may_come_with_the_creation(tus: Tus, left: Any) -> None:
    answer = tus.create(len(DATA), DATA[:500])
    assert (answer.status_code, offset(answer)) == (201, 500)
    path = answer.headers["Location"].removeprefix("/api/v1")
    assert offset(tus.append(path, 500, DATA[500:])) == len(DATA)
    answer = tus.create(len(DATA), DATA)
    assert answer.headers["Deadwax-Asset"] == sha256(DATA)
    assert answer.headers["Deadwax-Position"] == "0"
    assert left() == [sha256(DATA)]


def test_requests_that_are_no_tus_are_refused(tus: Tus, admin: Caller, settings: Settings) -> None:
    path = tus.made()
    for method, where in (("POST", "/tus"), ("HEAD", path), ("PATCH", path), ("DELETE", path)):
        for version in ({}, {"Tus-Resumable": "0.2.2"}):
            answer = admin.ask(method, where, headers=version)
            assert answer.status_code == 412
            assert answer.headers["Tus-Version"] == "1.0.0"
            assert answer.headers["Tus-Resumable"] == "1.0.0"
    for headers in (
        {"Upload-Length": "-1"},
        {"Upload-Length": "x"},
        {"Upload-Defer-Length": "1"},
        {"Upload-Metadata": "filename"},
        {"Upload-Metadata": "filename !!"},
        {"Upload-Metadata": metadata(filename="a") + "," + metadata(filename="b")},
        {"Upload-Metadata": metadata(other="a")},
        {"Upload-Metadata": metadata(filename="a", sha256="x")},
        {"Upload-Concat": "other"},
        {"Upload-Concat": "final;"},
        {"Upload-Concat": "final;/api/v1/tus/x"},
    ):
        length = None if "Upload-Defer-Length" in headers else len(DATA)
        refused(tus.create(length, **headers), 400, "upload_invalid")
    refused(tus.create(None), 400, "upload_invalid")
    refused(tus.create(settings.max_asset_bytes + 1), 413, "upload_too_long")
    answer = admin.ask("PATCH", path, content=b"x", headers=VERSION | {"Upload-Offset": "0"})
    refused(answer, 415, "unsupported_media_type")
    refused(admin.ask("PATCH", path, content=b"x", headers=BYTES), 400, "upload_invalid")
    refused(tus.append(path, 1, b"x"), 409, "upload_offset_differs")
    for stated in ("crc32 AAAA", "sha1", "sha1 AAAA", "sha256 !!"):
        answer = tus.append(path, 0, b"x", **{"Upload-Checksum": stated})
        refused(answer, 400, "upload_invalid")
    assert offset(tus.head(path)) == 0


def test_more_bytes_than_were_announced_are_not_taken(tus: Tus) -> None:
    path = tus.made()
    assert offset(tus.append(path, 0, DATA[:10])) == 10
    refused(tus.append(path, 10, DATA), 413, "upload_too_long")
    assert offset(tus.head(path)) == 10


def test_bytes_with_a_wrong_checksum_are_thrown_away(tus: Tus, container: Container) -> None:
    path = tus.made()
    for algorithm in ("sha1", "sha256"):
        wrong = {"Upload-Checksum": checksum(b"other", algorithm)}
        refused(tus.append(path, 0, DATA[:1000], **wrong), 460, "upload_checksum_differs")
        assert offset(tus.head(path)) == 0
    right = {"Upload-Checksum": checksum(DATA[:1000], "sha256")}
    assert offset(tus.append(path, 0, DATA[:1000], **right)) == 1000
    answer = tus.append(path, 1000, DATA[1000:], **{"Upload-Checksum": checksum(DATA[1000:])})
    assert answer.headers["Deadwax-Asset"] == sha256(DATA)


def test_what_a_process_wrote_that_died_before_its_checksum_does_not_count(
    tus: Tus, container: Container, settings: Settings
) -> None:
    path = tus.made()
    tus.append(path, 0, DATA[:100])
    id = path.rpartition("/")[2]
    container.uploads.prove(UUID(id), 100)
    with (settings.spool_dir / "uploads" / id).open("ab") as file:
        file.write(b"never proven")
    assert offset(tus.head(path)) == 100
    assert tus.append(path, 100, DATA[100:]).headers["Deadwax-Asset"] == sha256(DATA)


def test_what_is_not_what_was_stated_or_no_media_is_refused_and_gone(tus: Tus, left: Any) -> None:
    wrong = {"Upload-Metadata": metadata(filename="01.wav", sha256="0" * 64)}
    for data, headers, code in ((DATA, wrong, "hash_mismatch"), (b"no media at all", {}, None)):
        path = tus.made(len(data), **headers)
        body = refused(tus.append(path, 0, data), 422, "has_problems")
        assert code in (None, body["errors"][0]["code"])
        assert tus.head(path).status_code == 410
        refused(tus.append(path, 0, data), 410, "upload_ended")
        assert left() == []
        refused(tus.create(len(data), data, **headers), 422, "has_problems")
        assert left() == []
    refused(tus.create(0), 422, "has_problems")
    right = {"Upload-Metadata": metadata(filename="01.wav", sha256=sha256(DATA).upper())}
    assert tus.create(len(DATA), DATA, **right).headers["Deadwax-Asset"] == sha256(DATA)


def test_an_upload_is_deleted_by_who_began_it(tus: Tus, left: Any) -> None:
    path = tus.made()
    tus.append(path, 0, DATA[:1000])
    assert tus.delete(path).status_code == 204
    assert left() == []
    assert tus.head(path).status_code == 404
    refused(tus.append(path, 0, DATA), 404, "not_found")
    assert tus.delete(path).status_code == 404
    stored = tus.made(len(DATA), DATA)
    assert tus.delete(stored).status_code == 204
    assert left() == [sha256(DATA)]


def test_another_tenants_upload_is_not_there(
    tus: Tus, make_tenant: MakeTenant, admin: Caller, left: Any
) -> None:
    path = tus.made()
    stranger = Tus(make_tenant())
    assert stranger.head(path).status_code == 404
    refused(stranger.append(path, 0, DATA), 404, "not_found")
    assert stranger.delete(path).status_code == 404
    part = tus.made(len(DATA), DATA, **{"Upload-Concat": "partial"})
    final = {"Upload-Concat": f"final;/api/v1{part}"}
    refused(stranger.create(None, **final), 404, "not_found")
    viewer = Tus(admin.as_role("viewer"))
    refused(viewer.create(), 403, "forbidden")
    refused(viewer.append(path, 0, DATA), 403, "forbidden")
    assert offset(tus.head(path)) == 0


def test_the_same_bytes_of_two_tenants_are_stored_once_and_neither_learns_of_it(
    tus: Tus, make_tenant: MakeTenant, left: Any
) -> None:
    first = tus.create(len(DATA), DATA)
    other = make_tenant()
    refused(other.get(f"/assets/{sha256(DATA)}"), 404, "not_found")
    second = Tus(other).create(len(DATA), DATA)
    assert first.status_code == second.status_code == 201
    assert {*first.headers} == {*second.headers}
    assert int(second.headers["Deadwax-Position"]) > 0
    assert left() == [sha256(DATA)]


def test_parts_come_side_by_side_and_make_one_asset(tus: Tus, left: Any) -> None:
    half = len(DATA) // 2
    partial = {"Upload-Concat": "partial"}
    parts = [tus.made(half, **partial), tus.made(len(DATA) - half, **partial)]
    final = {"Upload-Concat": "final;" + " ".join(f"http://testserver/api/v1{p}" for p in parts)}
    tus.append(parts[1], 0, DATA[half:])
    assert tus.head(parts[1]).headers["Upload-Concat"] == "partial"
    refused(tus.create(None, **final), 409, "upload_offset_differs")
    refused(tus.create(len(DATA), **final), 400, "upload_invalid")
    answer = tus.append(parts[0], 0, DATA[:half])
    assert "Deadwax-Asset" not in answer.headers
    answer = tus.create(None, **final)
    assert (answer.status_code, answer.headers["Deadwax-Asset"]) == (201, sha256(DATA))
    path = answer.headers["Location"].removeprefix("/api/v1")
    head = tus.head(path)
    assert offset(head) == int(head.headers["Upload-Length"]) == len(DATA)
    assert head.headers["Upload-Concat"] == "final;" + " ".join(f"/api/v1{p}" for p in parts)
    refused(tus.append(path, len(DATA), b""), 403, "upload_is_final")
    assert left() == [sha256(DATA)]
    assert tus.head(parts[0]).status_code == 404


def test_parts_of_what_is_refused_are_gone(tus: Tus, left: Any) -> None:
    path = tus.made(5, b"aaaaa", **{"Upload-Concat": "partial"})
    whole = tus.made()
    final = {"Upload-Concat": f"final;/api/v1{whole}"}
    refused(tus.create(None, **final), 409, "upload_offset_differs")
    final = {"Upload-Concat": f"final;/api/v1{path}"}
    refused(tus.create(None, **final), 422, "has_problems")
    assert left() == [whole.rpartition("/")[2]]


def test_an_upload_expires_and_is_deleted(
    tus: Tus, container: Container, settings: Settings, left: Any
) -> None:
    path, kept = tus.made(), tus.made()
    answer = tus.append(path, 0, DATA[:10])
    expires = parsedate_to_datetime(answer.headers["Upload-Expires"])
    in_a_day = datetime.now(UTC) + timedelta(seconds=settings.upload_seconds)
    assert abs(expires - in_a_day) < timedelta(minutes=2)
    id = path.rpartition("/")[2]
    with container.pool.connection() as connection:
        connection.execute("UPDATE uploads SET expires_at = now() WHERE id = %s", [id])
    assert tus.head(path).status_code == 404
    refused(tus.append(path, 10, DATA[10:]), 404, "not_found")
    remove_expired(container.uploads, {Way.TUS: container.tus.remove})
    assert left() == [kept.rpartition("/")[2]]
    (settings.spool_dir / "uploads" / str(uuid4())).write_bytes(b"of no upload")
    container.tus.sweep(-60)
    assert left() == [kept.rpartition("/")[2]]
    assert offset(tus.head(kept)) == 0


def test_one_request_at_a_time_goes_on_with_an_upload(tus: Tus, container: Container) -> None:
    path = tus.made()
    spool = container.tus.spool
    with spool.writing(UUID(path.rpartition("/")[2])) as writing:
        writing.write(DATA[:7])
        refused(tus.append(path, 7, DATA[7:]), 423, "upload_busy")
        refused(tus.delete(path), 423, "upload_busy")
        assert offset(tus.head(path)) == 7
    assert offset(tus.append(path, 7, DATA[7:])) == len(DATA)


def test_what_is_whole_but_was_not_stored_is_stored_when_one_looks(
    tus: Tus, settings: Settings
) -> None:
    """The process was killed between the last byte and the store."""
    path = tus.made()
    (settings.spool_dir / "uploads" / path.rpartition("/")[2]).write_bytes(DATA)
    assert tus.head(path).headers["Deadwax-Asset"] == sha256(DATA)


@pytest.mark.parametrize("lost", ["catalogue.save", "uploads.settle"])
def test_a_database_that_is_lost_at_the_end_costs_no_upload(
    tus: Tus, container: Container, left: Any, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    part, _, call = lost.partition(".")

    def away(*_: object) -> None:
        raise psycopg.OperationalError("the connection is lost")

    path = tus.made()
    with monkeypatch.context() as patch:
        patch.setattr(getattr(container, part), call, away)
        assert tus.append(path, 0, DATA).status_code == 503
    assert tus.head(path).headers["Deadwax-Asset"] == sha256(DATA)
    assert left() == [sha256(DATA)]


def test_a_part_whose_checksum_is_not_known_to_be_right_is_not_whole(
    tus: Tus, container: Container
) -> None:
    path = tus.made(len(DATA), DATA, **{"Upload-Concat": "partial"})
    container.uploads.prove(UUID(path.rpartition("/")[2]), 0)
    final = {"Upload-Concat": f"final;/api/v1{path}"}
    refused(tus.create(None, **final), 409, "upload_offset_differs")


def test_methods_may_be_named_by_a_header(tus: Tus, admin: Caller) -> None:
    path = tus.made()
    headers = BYTES | {"Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    answer = admin.ask("POST", path, content=DATA[:9], headers=headers)
    assert (answer.status_code, offset(answer)) == (204, 9)
    override = VERSION | {"X-HTTP-Method-Override": "DELETE"}
    assert admin.ask("POST", path, headers=override).status_code == 204
    refused(admin.ask("POST", path, headers=VERSION), 405, "method_not_allowed")


def test_a_full_disk_is_told(tus: Tus, monkeypatch: pytest.MonkeyPatch) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 1))  # type: ignore[attr-defined]
    refused(tus.create(), 507, "no_room")


def test_its_digests_are_of_what_is_there(tus: Tus, settings: Settings) -> None:
    """Also where another process wrote to the file between two requests."""
    path = tus.made()
    tus.append(path, 0, bytes(100))
    file: Path = settings.spool_dir / "uploads" / path.rpartition("/")[2]
    file.write_bytes(DATA[:100])
    assert tus.append(path, 100, DATA[100:]).headers["Deadwax-Asset"] == sha256(DATA)
