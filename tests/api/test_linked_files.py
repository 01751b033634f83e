"""Files that a platform fetches by a signed link."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from deadwax.application.ports import OutgoingFile
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.links import FileLinks, LinkRefused

DATA = b"run-out groove " * 1000
TENANT = uuid4()
SHA256 = hashlib.sha256(DATA).hexdigest()
FILE = OutgoingFile("M1/resources/Hoppípolla #1.wav", len(DATA), SHA256, lambda: io.BytesIO(DATA))


@pytest.fixture
def link(container: Container) -> str:
    container.asset_store.put([DATA])
    return container.links.sign(TENANT, FILE, "", 3600)


def test_the_bytes_go_without_a_key(http: TestClient, link: str) -> None:
    got = http.get(link)
    assert got.content == DATA
    assert got.headers["content-type"] == "audio/wav"
    assert got.headers["etag"] == f'"{FILE.sha256}"'
    assert http.head(link).headers["content-length"] == str(len(DATA))


def test_a_part_goes_where_a_part_is_wanted(http: TestClient, link: str) -> None:
    got = http.get(link, headers={"Range": "bytes=10-19"})
    assert (got.status_code, got.content) == (206, DATA[10:20])


def test_what_was_fetched_is_remembered(http: TestClient, container: Container, link: str) -> None:
    http.get(link, headers={"Range": "bytes=0-99"})
    package = f"{TENANT}/M1"
    assert container.fetches.add(package, FILE.path, FILE.size, 0, 1) == set()
    http.get(link, headers={"Range": "bytes=100-"})
    assert container.fetches.add(package, FILE.path, FILE.size, 0, 1) == {FILE.path}


def test_a_link_that_was_changed_is_none(http: TestClient, link: str) -> None:
    head, _, name = link.rpartition("/")
    start, _, token = head.rpartition("/")
    key, stated, mac = token.split(".")
    for other in (
        f"{key}.{stated}.{mac[:-2]}AA",
        f"{key}.{stated[:-4]}AAAA.{mac}",
        f"00000000000000000000-00000000.{stated}.{mac}",
        f"../receipt-keys/x.{stated}.{mac}",
        stated,
        "é.é.é",
    ):
        refused = http.get(f"{start}/{other}/{name}")
        assert refused.status_code in (403, 404)
        assert refused.json()["code"] in ("link_invalid", "unknown_route")
    assert http.get(f"{head}/other.wav").json()["code"] == "link_invalid"


def test_a_link_ends(http: TestClient, container: Container) -> None:
    container.asset_store.put([DATA])
    ended = http.get(container.links.sign(TENANT, FILE, "", -1))
    assert (ended.status_code, ended.json()["code"]) == (410, "link_expired")


def test_links_stand_while_keys_change_and_fall_with_their_key(tmp_path: Path) -> None:
    links = FileLinks(tmp_path)
    token = links.sign(TENANT, FILE, "", 60).split("/")[-2]
    (first,) = links.keys()
    second = links.rotate()
    after = links.sign(TENANT, FILE, "", 60).split("/")[-2]
    assert token.startswith(first)
    assert after.startswith(second)
    assert links.read(token).path == links.read(after).path == FILE.path
    (tmp_path / "link-keys" / first).unlink()
    with pytest.raises(LinkRefused):
        links.read(token)
    assert (tmp_path / "link-keys" / second).stat().st_mode & 0o077 == 0
