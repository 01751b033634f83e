"""Codes from a tenant's own ranges over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting

from deadwax.api.examples import TRACK
from deadwax.application.log import LogUnavailable
from deadwax.infrastructure.container import Container

ISRCS = {"kind": "isrc", "prefix": "QZDWX", "first": "00001", "last": "49999"}
RANGES = "/tenant/code-ranges"
ICPNS = {"kind": "icpn", "prefix": "5901234", "first": "12345", "last": "12346"}


def isrc(number: int) -> str:
    return f"QZDWX{datetime.now(UTC):%y}{number:05d}"


@pytest.fixture
def label(admin: Caller) -> Caller:
    """A tenant with a range of each kind."""
    for range in (ISRCS, ICPNS):
        done(admin.post("/tenant/code-ranges", range))
    return admin


def draft(caller: Caller, tracks: int = 1) -> str:
    track = {name: value for name, value in TRACK.items() if name != "isrc"}
    numbered = [{**track, "number": n + 1} for n in range(tracks)]
    release_id: str = caller.draft(icpn=None, tracks=numbered)["id"]
    return release_id


def test_a_release_gets_its_codes_and_keeps_them(label: Caller) -> None:
    release = f"/releases/{draft(label, tracks=2)}"
    response = label.post(f"{release}/codes")
    filled = done(response)

    assert response.status_code == 202
    assert filled["codes"] == {"icpn": "5901234123457", "1/1": isrc(1), "1/2": isrc(2)}
    assert filled["metadata"]["icpn"] == "5901234123457"
    assert [t["isrc"] for t in filled["metadata"]["tracks"]] == [isrc(1), isrc(2)]
    assert response.headers["ETag"] == f'"{filled["version"]}"'
    assert response.headers["Deadwax-Position"] == str(filled["position"])
    again = done(label.post(f"{release}/codes", {"kinds": ["isrc", "icpn"]}))
    assert (again["codes"], again["position"]) == ({}, 0)
    assert again["metadata"] == filled["metadata"] == done(label.get(release))["metadata"]


def test_only_the_kinds_asked_for_are_filled_in(label: Caller) -> None:
    filled = done(label.post(f"/releases/{draft(label)}/codes", {"kinds": ["isrc"]}))

    assert filled["codes"].keys() == {"1/1"}
    assert filled["metadata"].get("icpn") is None


def test_ranges_tell_what_is_next(label: Caller) -> None:
    assert _next(label) == [isrc(1), "5901234123457"]
    done(label.post(f"/releases/{draft(label)}/codes"))
    assert _next(label) == [isrc(2), "5901234123464"]
    done(label.post(f"/releases/{draft(label)}/codes"))
    assert _next(label) == [isrc(3), None]

    body = refused(label.post(f"/releases/{draft(label)}/codes"), 422, "has_problems")

    assert [(e["code"], e["field"]) for e in body["errors"]] == [("codes_exhausted", "icpn")]
    assert _next(label) == [isrc(3), None]


def _next(caller: Caller) -> list[str | None]:
    return [item["next"] for item in done(caller.get("/tenant/code-ranges"))["items"]]


def test_used_codes_are_passed_over(label: Caller) -> None:
    used = {"isrcs": [isrc(1), "GBAYE6900001"], "icpns": ["5901234123457"]}
    first = done(label.post("/tenant/used-codes", used))
    again = done(label.post("/tenant/used-codes", used))

    assert (first["imported"], again["imported"], again["position"]) == (3, 0, 0)
    assert _next(label) == [isrc(2), "5901234123464"]


def test_a_range_is_there_once(label: Caller) -> None:
    assert done(label.post("/tenant/code-ranges", ISRCS))["position"] == 0
    wider = label.post("/tenant/code-ranges", ISRCS | {"last": "99999"})
    body = refused(wider, 422, "has_problems")
    assert [e["code"] for e in body["errors"]] == ["code_range_overlaps"]
    assert len(_next(label)) == 2


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        ("/tenant/code-ranges", ISRCS | {"prefix": "QZ-DWX"}, "prefix", "code_prefix_invalid"),
        ("/tenant/code-ranges", ISRCS | {"first": "1"}, "", "code_range_invalid"),
        ("/tenant/used-codes", {"isrcs": ["GB-AYE-69-00001"]}, "isrcs[0]", "isrc_invalid"),
        ("/tenant/used-codes", {"icpns": ["5901234123450"]}, "icpns[0]", "icpn_invalid"),
        ("/tenant/used-codes", {}, "", "codes_missing"),
    ],
)
def test_what_cannot_be_is_named(
    label: Caller,
    count_events: Callable[[], int],
    path: str,
    body: dict[str, object],
    field: str,
    code: str,
) -> None:
    before = count_events()
    problem = refused(label.post(path, body), 422, "invalid_request")

    assert [(e["field"], e["code"]) for e in problem["errors"]] == [(field, code)]
    assert count_events() == before


def test_another_version_than_the_one_meant_is_refused(label: Caller) -> None:
    path = f"/releases/{draft(label)}/codes"

    refused(label.post(path, headers={"If-Match": '"7"'}), 412, "version_mismatch")
    assert done(label.post(path, headers={"If-Match": '"1"'}))["version"] == 3


def test_another_tenants_release_and_ranges_do_not_exist(
    label: Caller, make_tenant: MakeTenant
) -> None:
    other = make_tenant()

    refused(other.post(f"/releases/{draft(label)}/codes"), 404, "not_found")
    assert done(other.get("/tenant/code-ranges")) == {"items": []}


def test_the_audit_trail_says_which_release_got_which_codes(
    label: Caller, projecting: Projecting
) -> None:
    release_id = draft(label)
    done(label.post("/tenant/used-codes", {"isrcs": [isrc(7)]}))
    filled = done(label.post(f"/releases/{release_id}/codes"))
    with projecting():
        after = {"after": filled["position"], "limit": 200}
        everything = done(label.get("/audit-trail", params=after))["items"]
        own = done(label.get("/audit-trail", params={**after, "release_id": release_id}))["items"]

    told = {item["summary"] for item in everything}
    assert {"Range QZDWX 00001 to 49999 added.", f"Noted as used: {isrc(7)}."} <= told
    told = {item["summary"] for item in own if item["actor"] == label.actor}
    assert told == {
        "Release Locked Groove drafted.",
        f"Codes allocated: 5901234123457 (icpn), {isrc(1)} (1/1).",
        "Release amended: icpn, tracks.",
        f"Allocated to release {release_id}: {isrc(1)}.",
        f"Allocated to release {release_id}: 5901234123457.",
    }


def test_a_repeated_request_gives_no_second_codes(
    label: Caller, count_events: Callable[[], int]
) -> None:
    path, key = f"/releases/{draft(label)}/codes", {"Idempotency-Key": "once"}
    first, before = done(label.post(path, headers=key)), count_events()

    assert done(label.post(path, headers=key)) == first
    assert count_events() == before


@pytest.mark.parametrize(
    ("command", "path", "body", "where"),
    [
        ("allocate", "/releases/{}/codes", {"kinds": ["isrc"]}, "/releases/{}"),
        ("add_range", "/tenant/code-ranges", ICPNS | {"first": "00001", "last": "00002"}, RANGES),
        ("import_codes", "/tenant/used-codes", {"isrcs": [isrc(7)]}, RANGES),
    ],
)
def test_what_took_effect_without_an_answer_is_found(
    label: Caller,
    container: Container,
    monkeypatch: pytest.MonkeyPatch,
    count_events: Callable[[], int],
    command: str,
    path: str,
    body: dict[str, object],
    where: str,
) -> None:
    release_id, key = draft(label), {"Idempotency-Key": "once"}
    run = getattr(container.codes, command)

    def lost(*arguments: object) -> None:
        run(*arguments)
        raise LogUnavailable("gone")

    with monkeypatch.context() as losing:
        losing.setattr(container.codes, command, lost)
        assert label.post(path.format(release_id), body, headers=key).status_code == 503
    before = count_events()
    found = label.post(path.format(release_id), body, headers=key, follow_redirects=False)

    assert found.status_code == 303
    assert found.headers["Location"] == f"/api/v1{where.format(release_id)}"
    assert label.get(where.format(release_id)).status_code == 200
    assert count_events() == before
