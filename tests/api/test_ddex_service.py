"""What a platform that pulls sees of us: its feed, its messages, its files, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from lxml import etree
from tests.api.caller import PULLED, Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting
from tests.api.test_acknowledgements import about, xml

from deadwax.api.examples import TARGET
from deadwax.domain.cause import Cause, acting
from deadwax.domain.collection import Collection
from deadwax.domain.distribution import Distribution
from deadwax.infrastructure.container import Container

ATOM = "{http://www.w3.org/2005/Atom}"
ERN = (Path(__file__).parents[1] / "golden" / "ern" / "4.3" / "album.xml").read_bytes()
SOUND = bytes(range(256)) * 4096


class Offering:
    """A tenant, a target whose platform pulls, and its key; `offer` publishes a message without
    any process of ours."""

    def __init__(self, admin: Caller, container: Container) -> None:
        self.admin, self.container = admin, container
        self.tenant_id = UUID(done(admin.get("/tenant"))["id"])
        self.target_id = admin.target(**PULLED)["id"]
        self.platform = admin.as_role("platform", self.target_id)

    def acting(self) -> Any:
        return acting(Cause(self.tenant_id, "process:worker", "c-1"))

    def offer(self, icpn: str = "5901234123457", target_id: str | None = None) -> Distribution:
        with self.acting():
            target = UUID(target_id or self.target_id)
            d = Distribution.request(uuid4(), target, "test", None)
            d.start_validation()
            d.pass_validation(datetime.now(UTC))
            return self.publish(d, icpn)

    def publish(
        self, d: Distribution, icpn: str = "5901234123457", changes: tuple[str, ...] = ()
    ) -> Distribution:
        with self.acting():
            token = d.start_attempt("worker", datetime.now(UTC))
            id = f"{d.id.hex}.{token}"
            files = [
                self._file(f"{id}/resources/{icpn}_01_001.wav", "resource", SOUND),
                self._file(f"{id}/{icpn}.xml", "message", ERN),
            ]
            message = {
                "id": id,
                "kind": d.kind,
                "icpn": icpn,
                "target_id": str(d.target_id),
                "choreography": "web_service 1.7",
                "created_at": "2026-11-21T12:00:00+00:00",
                "files": files,
                "changes": [{"field": field} for field in changes],
            }
            d.compose(token, message)
            d.start_upload(token)
            d.start_publishing(token)
            d.confirm_sent(token, {"files": files}, expects_answer=True)
            self.position = self.container.catalogue.save(d)
        return d

    def _file(self, path: str, role: str, data: bytes) -> dict[str, Any]:
        stored = self.container.asset_store.put([data])
        return {"path": path, "role": role, "sha256": stored.sha256, "size": stored.size}

    def collected(self, d: Distribution) -> list[str]:
        assert d.message
        events = self.container.log.load(Collection.id_of(d.message["id"]))
        return [event.TOPIC.partition(".")[2] for event in events]

    def feed(self, **params: Any) -> etree._Element:
        response = self.platform.get("/ddex/feed", params={"after": self.position, **params})
        assert response.status_code == 200, response.text
        assert response.headers["Content-Type"] == "application/atom+xml"
        return etree.fromstring(response.content)

    def listed(self) -> list[str]:
        return [
            path_of(e, "alternate").rpartition("/")[0] for e in self.feed().iter(f"{ATOM}entry")
        ]


def path_of(element: etree._Element, rel: str) -> str:
    """Where a link leads to, below /api/v1."""
    (url,) = element.xpath(f"*[local-name()='link'][@rel='{rel}']/@href")
    parts = urlsplit(str(url))
    return parts.path.removeprefix("/api/v1") + (f"?{parts.query}" if parts.query else "")


def file(d: Distribution, n: int = 0) -> str:
    assert d.message
    return f"/ddex/messages/{d.message['files'][n]['path']}"


@pytest.fixture
def offering(admin: Caller, container: Container) -> Offering:
    return Offering(admin, container)


def test_the_feed_is_atom_with_what_ddex_says_of_each_release(
    offering: Offering, projecting: Projecting
) -> None:
    d = offering.offer()
    assert d.message
    with projecting():
        feed = offering.feed()
        (entry,) = feed.iter(f"{ATOM}entry")
    for required in ("id", "title", "updated", "author"):
        assert feed.find(f"{ATOM}{required}") is not None
    assert feed.findtext(f"{ATOM}id") == f"urn:uuid:{offering.target_id}"
    assert entry.findtext(f"{ATOM}id") == Collection.id_of(d.message["id"]).urn
    assert entry.findtext(f"{ATOM}title") == "Etched & <Played> (Deluxe Edition)"
    assert datetime.fromisoformat(str(entry.findtext(f"{ATOM}updated"))).tzinfo
    assert entry.findtext("ReleaseType") == "Album"
    assert entry.findtext("ReleaseId/ICPN") == "5901234123457"
    assert entry.findtext("DisplayArtistName") == "Ada Lathe feat. Ben Stamper"
    assert path_of(entry, "alternate") == file(d, 1)
    assert path_of(entry, "delete") == f"/ddex/messages/{d.message['id']}"


def test_a_feed_is_paged_in_the_order_of_offering(
    offering: Offering, projecting: Projecting
) -> None:
    offered = [offering.offer(icpn) for icpn in ("1", "2", "3")]
    with projecting():
        page = offering.feed(limit=2)
        pages = [page]
        while page.xpath("*[local-name()='link'][@rel='next']"):
            page = etree.fromstring(offering.platform.get(path_of(page, "next")).content)
            pages.append(page)
    found = [path_of(e, "alternate") for p in pages for e in p.iter(f"{ATOM}entry")]
    assert found == [file(d, 1) for d in offered]
    assert len(pages) == 2
    assert path_of(pages[1], "first") == "/ddex/feed?limit=2"
    assert path_of(pages[1], "self") == path_of(pages[0], "next")


def test_an_unchanged_feed_is_not_sent_again(offering: Offering, projecting: Projecting) -> None:
    offering.offer()
    get = offering.platform.get
    with projecting():
        first = get("/ddex/feed", params={"after": offering.position})
        same = get("/ddex/feed", headers={"If-None-Match": first.headers["ETag"]})
        assert (same.status_code, same.content) == (304, b"")
        assert same.headers["ETag"] == first.headers["ETag"]
        later = "Fri, 01 Jan 2100 00:00:00 GMT"
        assert get("/ddex/feed", headers={"If-Modified-Since": later}).status_code == 304
        old = get("/ddex/feed", headers={"If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT"})
        assert old.status_code == 200
        offering.offer("2")
        changed = get(
            "/ddex/feed",
            params={"after": offering.position},
            headers={"If-None-Match": first.headers["ETag"], "If-Modified-Since": later},
        )
    assert changed.status_code == 200
    assert len(list(etree.fromstring(changed.content).iter(f"{ATOM}entry"))) == 2


def test_an_empty_feed_is_a_feed(offering: Offering, projecting: Projecting) -> None:
    offering.position = 0
    with projecting():
        feed = offering.feed()
    assert list(feed.iter(f"{ATOM}entry")) == []
    assert feed.findtext(f"{ATOM}updated")


def test_a_message_and_its_files_are_served_as_they_are_on_record(offering: Offering) -> None:
    d = offering.offer()
    assert d.message
    found = offering.platform.get(f"/ddex/messages/{d.message['id']}", follow_redirects=False)
    assert found.status_code == 301
    assert urlsplit(found.headers["Location"]).path == f"/api/v1{file(d, 1)}"
    for n, (data, kind) in enumerate([(SOUND, "audio/wav"), (ERN, "application/xml")]):
        got = offering.platform.get(file(d, n))
        assert (got.status_code, got.content, got.headers["Content-Type"]) == (200, data, kind)
        digest = hashlib.sha256(data).hexdigest()
        head = offering.platform.ask("HEAD", file(d, n))
        assert (head.status_code, head.content) == (200, b"")
        for response in (got, head):
            assert response.headers["ETag"] == f'"{digest}"'
            assert response.headers["Content-Length"] == str(len(data))
            assert response.headers["Accept-Ranges"] == "bytes"
        known = offering.platform.get(file(d, n), headers={"If-None-Match": f'"{digest}"'})
        assert (known.status_code, known.content) == (304, b"")


_LAST = len(SOUND) - 1


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-9", 0, 9),
        ("bytes=1000-", 1000, _LAST),
        ("bytes=-5", _LAST - 4, _LAST),
        (f"bytes={_LAST}-{_LAST + 100}", _LAST, _LAST),
        (f"bytes=-{10 * len(SOUND)}", 0, _LAST),
    ],
)
def test_a_range_is_served(offering: Offering, asked: str, first: int, last: int) -> None:
    got = offering.platform.get(file(offering.offer()), headers={"Range": asked})
    assert (got.status_code, got.content) == (206, SOUND[first : last + 1])
    assert got.headers["Content-Range"] == f"bytes {first}-{last}/{len(SOUND)}"


@pytest.mark.parametrize(
    "asked", ["bytes=0-1,4-5", "bytes=9-3", "bytes=-", "pages=1-2", "bytes=x-"]
)
def test_what_is_no_single_range_gets_the_whole_file(offering: Offering, asked: str) -> None:
    got = offering.platform.get(file(offering.offer()), headers={"Range": asked})
    assert (got.status_code, got.content) == (200, SOUND)


def test_a_range_of_another_file_or_beyond_this_one_is_not_served(offering: Offering) -> None:
    path = file(offering.offer())
    other = {"Range": "bytes=5-", "If-Range": '"another"'}
    assert offering.platform.get(path, headers=other).status_code == 200
    for asked in (f"bytes={len(SOUND)}-", "bytes=-0"):
        beyond = offering.platform.get(path, headers={"Range": asked})
        refused(beyond, 416, "range_not_satisfiable")
        assert beyond.headers["Content-Range"] == f"bytes */{len(SOUND)}"


def test_what_was_fetched_is_noted_once_when_every_byte_went(
    offering: Offering, count_events: Callable[[], int]
) -> None:
    d = offering.offer()
    get = offering.platform.get
    for asked in ("bytes=500000-", "bytes=0-99"):
        get(file(d), headers={"Range": asked})
    assert offering.collected(d) == []
    get(file(d), headers={"Range": "bytes=100-499999"})
    assert offering.collected(d) == ["started", "resources_fetched"]
    get(file(d, 1))
    assert offering.collected(d) == ["started", "resources_fetched", "message_fetched"]
    before = count_events()
    for n in (0, 1):
        get(file(d, n))
        offering.platform.ask("HEAD", file(d, n))
    assert count_events() == before
    assert d.message
    events = offering.container.log.load(Collection.id_of(d.message["id"]))
    assert {event.actor for event in events} == {offering.platform.actor}
    (resources,) = (e for e in events if e.TOPIC == "collection.resources_fetched")
    assert resources.files[0]["sha256"] == hashlib.sha256(SOUND).hexdigest()  # type: ignore[attr-defined]


def test_a_deleted_message_leaves_the_feed_and_can_still_be_found(
    offering: Offering, projecting: Projecting
) -> None:
    d, other = offering.offer(), offering.offer("2")
    assert d.message
    path = f"/ddex/messages/{d.message['id']}"
    deleted = offering.platform.delete(path)
    assert (deleted.status_code, deleted.content) == (204, b"")
    again = offering.platform.delete(path)
    assert (again.status_code, again.content) == (208, b"")
    assert offering.collected(d) == ["started", "finished"]
    offering.position = int(deleted.headers["Deadwax-Position"])
    with projecting():
        assert offering.listed() == [file(other, 1).rpartition("/")[0]]
        response = offering.platform.get("/ddex/releases/5901234123457/message")
        assert response.status_code == 200
        entry = etree.fromstring(response.content)
        refused(offering.platform.get("/ddex/releases/4/message"), 404, "not_found")
    assert entry.tag == f"{ATOM}entry"
    assert entry.find(f"{ATOM}author") is not None
    assert offering.platform.get(path_of(entry, "alternate")).content == ERN


def test_an_update_replaces_the_entry_and_the_message_before_is_gone(
    offering: Offering, projecting: Projecting
) -> None:
    d = offering.offer()
    old = file(d)
    with offering.acting():
        d.request_update("a new title")
        offering.container.catalogue.save(d)
    assert offering.platform.get(old).status_code == 200  # until the new one is there
    offering.publish(d, changes=("title", "deals[0].price.amount", "tracks[QZDWX2600001].audio"))
    with projecting():
        assert offering.listed() == [file(d, 1).rpartition("/")[0]]
        (entry,) = offering.feed().iter(f"{ATOM}entry")
    terms = [category.get("term") for category in entry.iter(f"{ATOM}category")]
    assert terms == ["DealUpdate", "MetadataUpdate", "ResourceUpdate"]
    refused(offering.platform.get(old), 404, "not_found")
    assert offering.platform.get(file(d)).status_code == 200


def test_a_takedown_withdraws_the_message_at_once(
    offering: Offering, projecting: Projecting
) -> None:
    d = offering.offer()
    path = file(d)
    with offering.acting():
        d.request_takedown("rights lost")
        offering.position = offering.container.catalogue.save(d)
    refused(offering.platform.get(path), 404, "not_found")
    with projecting():
        assert offering.listed() == []


def test_a_platform_answers_by_its_own_key(offering: Offering) -> None:
    d = offering.offer()
    assert d.message

    def say(data: bytes) -> httpx.Response:
        headers = {"Content-Type": "application/xml"}
        return offering.platform.post("/ddex/acknowledgements", content=data, headers=headers)

    taken = done(say(xml(about(d.message["id"]))))
    assert [a["outcome"] for a in taken["applied"]] == ["live"]
    found = offering.container.catalogue.find(Distribution, d.id)
    assert found is not None
    assert found.status == "live"
    assert found.last_event.actor == offering.platform.actor
    refused(say(b"<html/>"), 422, "has_problems")


def test_a_platform_sees_nothing_of_other_targets(
    offering: Offering, make_tenant: MakeTenant, projecting: Projecting
) -> None:
    second = offering.admin.target(**PULLED)["id"]
    other_target = offering.admin.as_role("platform", second)
    stranger = Offering(make_tenant(), offering.container).platform
    d = offering.offer()
    assert d.message
    for caller in (other_target, stranger):
        for method, path in [
            ("GET", file(d)),
            ("HEAD", file(d)),
            ("GET", f"/ddex/messages/{d.message['id']}"),
            ("DELETE", f"/ddex/messages/{d.message['id']}"),
        ]:
            assert caller.ask(method, path).status_code == 404
    with projecting():
        for caller in (other_target, stranger):
            offering.platform, mine = caller, offering.platform
            assert offering.listed() == []
            path = "/ddex/releases/5901234123457/message"
            assert caller.get(path).status_code == 404
            offering.platform = mine
        assert len(offering.listed()) == 1
    assert offering.collected(d) == []


@pytest.mark.parametrize(
    "path", ["resources/none.wav", "../secret", "%2e%2e/x", "resources/", "5901234123457.xml/"]
)
def test_what_is_no_file_of_the_message_is_not_found(offering: Offering, path: str) -> None:
    d = offering.offer()
    assert d.message
    found = offering.platform.get(f"/ddex/messages/{d.message['id']}/{path}")
    assert found.status_code == 404


def test_a_platform_key_is_for_one_target_that_pulls(offering: Offering) -> None:
    pushed = offering.admin.target()["id"]
    for body, code in [
        ({"role": "platform"}, "key_target_unclear"),
        ({"role": "manager", "target_id": offering.target_id}, "key_target_unclear"),
        ({"role": "platform", "target_id": pushed}, "target_is_pushed_to"),
    ]:
        response = offering.admin.post("/tenant/keys", {"name": "x", **body})
        assert [e["code"] for e in refused(response, 422, "has_problems")["errors"]] == [code]
    unknown = {"name": "x", "role": "platform", "target_id": str(uuid4())}
    refused(offering.admin.post("/tenant/keys", unknown), 404, "not_found")


def test_a_target_that_is_pushed_to_by_now_has_no_feed(
    offering: Offering, projecting: Projecting
) -> None:
    d = offering.offer()
    admin, path = offering.admin, f"/targets/{offering.target_id}"
    pushed = done(admin.get(f"/targets/{admin.target(mode='test')['id']}"))["settings"]
    done(admin.put(path, pushed))
    with projecting():
        refused(offering.platform.get("/ddex/feed"), 404, "not_found")
    assert d.message
    refused(offering.platform.get(f"/ddex/messages/{d.message['id']}"), 404, "not_found")


def test_there_is_no_connection_to_such_a_target(offering: Offering) -> None:
    path = f"/targets/{offering.target_id}"
    body = refused(offering.admin.post(f"{path}/test"), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["target_pulls"]
    key = {"host_key": "SHA256:" + "A" * 43}
    body = refused(offering.admin.post(f"{path}/host-key", key), 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["no_host_key"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({**PULLED, "choreography": {}}, "choreography_not_of_protocol", ""),
        ({**PULLED, "mode": "live"}, "https_required", ""),
        ({"choreography": PULLED["choreography"]}, "choreography_not_of_protocol", ""),
        ({**PULLED, "address": {"base_url": "ftp://x"}}, "base_url_invalid", "address.base_url"),
        (
            {**PULLED, "address": {"base_url": "https://x.example/"}},
            "base_url_invalid",
            "address.base_url",
        ),
        ({"address": {"host": "a", "username": "b"}}, "missing", "address.secret"),
        (
            {**PULLED, "choreography": {"kind": "web_service", "version": "1.8"}},
            "choreography_unknown",
            "choreography",
        ),
        (
            {**PULLED, "choreography": {**PULLED["choreography"], "folder": "{batch}"}},
            "nothing_is_laid_out",
            "choreography",
        ),
    ],
)
def test_a_target_that_contradicts_itself_is_refused(
    admin: Caller, changes: dict[str, Any], code: str, field: str
) -> None:
    body = refused(admin.post("/targets", TARGET | changes), 422, "invalid_request")
    assert [(e["code"], e["field"]) for e in body["errors"]] == [(code, field)]


@pytest.mark.parametrize(
    ("changes", "missing", "unknown"),
    [
        ({"protocol": "web_service"}, "address.base_url", "address.host"),
        ({**PULLED, "protocol": "sftp"}, "address.host", "address.base_url"),
    ],
)
def test_an_address_is_read_in_the_terms_of_the_protocol(
    admin: Caller, changes: dict[str, Any], missing: str, unknown: str
) -> None:
    body = refused(admin.post("/targets", TARGET | changes), 422, "invalid_request")
    told = {(e["code"], e["field"]) for e in body["errors"]}
    assert {("missing", missing), ("unknown_field", unknown)} <= told
