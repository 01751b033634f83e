"""Files that a platform fetches by a signed link."""

from __future__ import annotations

import hashlib
import io
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest
import time_machine
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done, refused, sound
from tests.api.conftest import MakeTenant
from tests.api.server import Start
from tests.couriers.http_addresses import LINK, address
from tests.couriers.http_site import HttpSite, account_folder, dsp_command, running
from tests.ports import free_port

from deadwax.application.ports import OutgoingFile
from deadwax.domain.assets import AssetLinked
from deadwax.domain.identifiers import asset_id
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.couriers.contract import upload
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


def test_a_platform_that_is_sent_a_link_fetches_from_the_running_api(
    start: Start, container: Container, tmp_path: Path
) -> None:
    """Three processes: the courier here, our API, and the platform that fetches."""
    container.asset_store.put([DATA])
    port, keys = free_port(), tmp_path / "keys.json"
    keys.write_text("{}")
    command = dsp_command(tmp_path, port, keys)
    with running(command, port, tmp_path, httpx.Client(trust_env=False)) as platform:
        links = {"base_url": start().url, "seconds": 600}
        where = address("rest", f"{platform.url}/bearer/label/rest", LINK, links=links)
        site = HttpSite(
            where, account_folder(platform, "label"), link=partial(container.links.sign, TENANT)
        )
        with closing(site.connect()) as courier:
            upload(courier, FILE)
            courier.publish(FILE.path)
            assert courier.verify(FILE) == "sha256"
    assert site.read(FILE.path) == DATA
    package = f"{TENANT}/M1"
    assert container.fetches.add(package, FILE.path, FILE.size, 0, 1) == {FILE.path}


def test_a_link_is_made_for_people_without_a_key(
    admin: Caller, http: TestClient, container: Container
) -> None:
    data = sound(0.2)
    hashed = done(admin.upload(data, "Hoppípolla #1.wav"))["sha256"]
    made = admin.post(f"/assets/{hashed}/links", {"seconds": 60})
    link = done(made)
    assert (made.status_code, made.headers["Deadwax-Position"]) == (201, str(link["position"]))
    got = http.get(link["url"])
    assert got.content == data
    assert got.headers["Content-Type"] == "audio/wav"
    name = "Hopp%C3%ADpolla%20%231.wav"
    assert got.headers["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    part = http.get(link["url"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, data[5:10])
    *_, event = container.log.load(asset_id(UUID(done(admin.get("/tenant"))["id"]), hashed))
    assert isinstance(event, AssetLinked)
    assert (event.actor, event.file) == (admin.actor, hashed)
    with container.pool.connection() as connection:
        found = connection.execute("SELECT count(*) FROM events WHERE data::text LIKE '%/files/%'")
        assert found.fetchone() == (0,)


def test_a_link_is_of_the_tenants_own_files_and_for_a_while(
    admin: Caller, make_tenant: MakeTenant, http: TestClient
) -> None:
    hashed = done(admin.upload(sound(0.2), "01.wav"))["sha256"]
    for seconds in (0, 604_801):
        answer = admin.post(f"/assets/{hashed}/links", {"seconds": seconds})
        [why] = refused(answer, 422, "invalid_request")["errors"]
        assert (why["code"], why["field"]) == ("link_seconds_invalid", "seconds")
    refused(make_tenant().post(f"/assets/{hashed}/links"), 404, "not_found")
    refused(admin.as_role("compliance").post(f"/assets/{hashed}/links"), 403, "forbidden")
    url = done(admin.post(f"/assets/{hashed}/links", {"seconds": 1}))["url"]
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=5)):
        assert http.get(url).status_code == 410
