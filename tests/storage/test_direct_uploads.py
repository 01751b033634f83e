"""Uploads straight to a bucket of Ceph's gateway, with plain HTTP PUTs; signed downloads of it."""

# ruff: noqa: F811  (fixtures of the API, taken over)

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done, refused, sha256, sound
from tests.api.conftest import (  # noqa: F401
    MakeTenant,
    admin,
    app,
    container,
    http,
    make_tenant,
)
from tests.storage.conftest import Site, in_bucket

from deadwax.infrastructure.container import Container
from deadwax.infrastructure.settings import Settings
from deadwax.workers.tidying import tidy

PART = 16 << 20
DATA = sound(0.5)


@pytest.fixture
def site(ceph: str, tmp_path: Path, database_url: str) -> Site:
    named = {"DEADWAX_DATABASE_URL": database_url, "DEADWAX_MAX_ASSET_BYTES": str(64 << 20)}
    return in_bucket(ceph, tmp_path, **named)


@pytest.fixture
def settings(site: Site) -> Settings:
    return site.settings


def begun(admin: Caller, data: bytes, **other: Any) -> dict[str, Any]:
    new = {"filename": "01 été.wav", "size": len(data), "sha256": sha256(data)}
    return done(admin.post("/uploads", new | other))


def sent(upload: dict[str, Any], data: bytes) -> list[dict[str, Any]]:
    """The parts, as one says that they are there."""
    said = []
    for part in upload["parts"]:
        if part["url"]:
            first = (part["number"] - 1) * upload["part_size"]
            answer = httpx.put(part["url"], content=data[first : first + upload["part_size"]])
            assert answer.status_code == 200, answer.text
            said.append({"number": part["number"], "etag": answer.headers["ETag"]})
    return said


def completed(admin: Caller, upload: dict[str, Any], said: list[dict[str, Any]]) -> None:
    answer = admin.post(f"/uploads/{upload['id']}/complete", {"parts": said})
    assert (answer.status_code, answer.json()["state"]) == (202, "verifying")


def test_parts_go_to_the_bucket_and_become_an_asset(
    admin: Caller, container: Container, site: Site
) -> None:
    large = sound((PART + 1_000_000) / (44_100 * 4))
    upload = begun(admin, large)
    assert [part["number"] for part in upload["parts"]] == [1, 2]
    said = sent(upload, large)
    looked = done(admin.get(f"/uploads/{upload['id']}"))
    assert [(p["number"], p["url"]) for p in looked["parts"]] == [(1, None), (2, None)]
    assert sum(part["size"] for part in looked["parts"]) == len(large)
    completed(admin, upload, said)
    completed(admin, upload, said)
    refused(admin.get(f"/assets/{sha256(large)}"), 404, "not_found")
    container.direct_uploads.verify(UUID(upload["id"]))  # type: ignore[union-attr]
    found = done(admin.get(f"/uploads/{upload['id']}"))
    assert (found["state"], found["asset"], found["parts"]) == ("stored", sha256(large), [])
    facts = done(admin.get(f"/assets/{sha256(large)}"))
    assert (facts["filename"], facts["size"]) == ("01 été.wav", len(large))
    assert site.names() == [sha256(large)]
    link = done(admin.post(f"/assets/{sha256(large)}/links", {"seconds": 60}))["url"]
    assert httpx.get(link).content == large


def test_one_that_broke_off_goes_on_with_new_addresses(
    admin: Caller, container: Container, site: Site
) -> None:
    large = sound((PART + 1_000_000) / (44_100 * 4))
    upload = begun(admin, large)
    first = sent({**upload, "parts": upload["parts"][:1]}, large)
    early = admin.post(f"/uploads/{upload['id']}/complete", {"parts": [*first, *_second(first)]})
    assert refused(early, 422, "has_problems")["errors"][0]["code"] == "upload_parts_wrong"
    looked = done(admin.get(f"/uploads/{upload['id']}"))
    assert [bool(part["url"]) for part in looked["parts"]] == [False, True]
    completed(admin, upload, first + sent(looked, large))
    container.direct_uploads.verify(UUID(upload["id"]))  # type: ignore[union-attr]
    assert done(admin.get(f"/uploads/{upload['id']}"))["asset"] == sha256(large)


def _second(first: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"number": 2, "etag": first[0]["etag"]}]


@pytest.mark.parametrize(
    ("data", "stated", "code"),
    [
        (DATA, {"sha256": "0" * 64}, "hash_mismatch"),
        (DATA, {"size": len(DATA) - 1}, "upload_size_differs"),
        (b"no media at all", {}, None),
    ],
    ids=["wrong hash", "more than was stated", "no media"],
)
def test_what_is_refused_leaves_nothing(
    admin: Caller,
    container: Container,
    site: Site,
    data: bytes,
    stated: dict[str, Any],
    code: str | None,
) -> None:
    upload = begun(admin, data, **stated)
    etag = httpx.put(upload["parts"][0]["url"], content=data).headers["ETag"]
    completed(admin, upload, [{"number": 1, "etag": etag}])
    container.direct_uploads.verify(UUID(upload["id"]))  # type: ignore[union-attr]
    found = done(admin.get(f"/uploads/{upload['id']}"))
    assert (found["state"], found["asset"]) == ("refused", None)
    assert found["problems"][0]["code"] == (code or found["problems"][0]["code"])
    assert site.names() == []


def test_one_that_is_given_up_or_expires_leaves_nothing(
    admin: Caller, container: Container, site: Site
) -> None:
    given_up, expired = begun(admin, DATA), begun(admin, DATA)
    sent(given_up, DATA)
    sent(expired, DATA)
    assert len(site.names()) == 2
    assert admin.delete(f"/uploads/{given_up['id']}").status_code == 204
    assert len(site.names()) == 1
    with container.pool.connection() as connection:
        connection.execute("UPDATE uploads SET expires_at = now()")
    refused(admin.get(f"/uploads/{expired['id']}"), 404, "not_found")
    tidy(container)
    assert site.names() == []
    refused(admin.get(f"/uploads/{given_up['id']}"), 404, "not_found")


def test_another_tenants_upload_is_not_there(admin: Caller, make_tenant: MakeTenant) -> None:
    upload, stranger = begun(admin, DATA), make_tenant()
    path = f"/uploads/{upload['id']}"
    refused(stranger.get(path), 404, "not_found")
    parts = {"parts": [{"number": 1, "etag": "x"}]}
    refused(stranger.post(f"{path}/complete", parts), 404, "not_found")
    refused(stranger.delete(path), 404, "not_found")


def test_what_cannot_be_is_refused(admin: Caller, site: Site) -> None:
    new = {"filename": "01.wav", "size": 1, "sha256": "0" * 64}
    for change in ({"size": 0}, {"sha256": "x"}, {"filename": ""}):
        refused(admin.post("/uploads", new | change), 422, "invalid_request")
    too_long = {"size": site.settings.max_asset_bytes + 1}
    refused(admin.post("/uploads", new | too_long), 413, "upload_too_long")
    assert site.names() == []


def test_a_worker_reads_again_what_another_left(
    admin: Caller, container: Container, site: Site
) -> None:
    upload = begun(admin, DATA)
    completed(admin, upload, sent(upload, DATA))
    id = UUID(upload["id"])
    assert container.direct_uploads
    assert container.uploads.claim(id, 60)
    container.direct_uploads.verify(id)
    assert done(admin.get(f"/uploads/{id}"))["state"] == "verifying"
    container.uploads.release(id, -1)
    container.direct_uploads.verify(id)
    container.direct_uploads.verify(id)
    assert done(admin.get(f"/uploads/{id}"))["state"] == "stored"
    assert site.names() == [sha256(DATA)]


def test_a_link_into_the_bucket_is_good_for_a_while(
    admin: Caller,
    http: TestClient,
    site: Site,
) -> None:
    done(admin.upload(DATA, "01 été.wav"))
    made = done(admin.post(f"/assets/{sha256(DATA)}/links", {"seconds": 60}))
    assert made["url"].startswith(str(site.settings.assets_endpoint))
    whole = httpx.get(made["url"])
    assert whole.content == DATA
    assert "filename*=UTF-8''01%20%C3%A9t%C3%A9.wav" in whole.headers["Content-Disposition"]
    assert whole.headers["Content-Type"] == "audio/wav"
    part = httpx.get(made["url"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, DATA[10:20])
    other = re.sub(r"X-Amz-Signature=.{8}", "X-Amz-Signature=00000000", made["url"])
    assert httpx.get(other).status_code == 403
