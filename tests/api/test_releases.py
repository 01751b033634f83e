"""Releases and tracks over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.api.caller import Caller, done, refused

from deadwax.api.examples import RELEASE, TRACK
from deadwax.api.merge_patch import merged


def test_a_draft_comes_back_as_it_was_given(admin: Caller) -> None:
    response = admin.post("/releases", RELEASE)
    made = done(response)
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/releases/{made['id']}"
    assert response.headers["ETag"] == '"1"'
    assert response.headers["Deadwax-Position"] == str(made["position"])
    read = admin.get(f"/releases/{made['id']}")
    assert read.headers["ETag"] == '"1"'
    found = done(read)
    assert found["status"] == "draft"
    assert found["allowed"] == ["archived", "submitted"]
    assert _given(found["metadata"], RELEASE) == RELEASE


def test_what_is_read_can_be_put_back(admin: Caller, count_events: Callable[[], int]) -> None:
    made = admin.draft()
    before = count_events()
    same = done(admin.put(f"/releases/{made['id']}", made["metadata"]))
    assert (same["version"], same["position"]) == (1, 0)
    assert count_events() == before
    changed = done(admin.put(f"/releases/{made['id']}", made["metadata"] | {"title": "Other"}))
    assert changed["version"] == 2
    assert changed["position"] > 0
    less = done(admin.put(f"/releases/{made['id']}", {"title": "Other"}))
    assert less["metadata"]["icpn"] is None


def test_a_change_of_another_version_is_refused(
    admin: Caller, count_events: Callable[[], int]
) -> None:
    path = f"/releases/{admin.draft()['id']}"
    stale, current = {"If-Match": '"1"'}, {"If-Match": '"2"'}
    assert admin.patch(path, {"title": "Second"}, headers=stale).headers["ETag"] == '"2"'
    before = count_events()
    for attempt in (
        admin.patch(path, {"title": "Third"}, headers=stale),
        admin.put(path, RELEASE, headers=stale),
        admin.put(f"{path}/tracks/1/2", TRACK, headers=stale),
        admin.delete(f"{path}/tracks/1/1", headers=stale),
        admin.post(f"{path}/submit", headers=stale),
        admin.post(f"{path}/approve", headers=stale),
        admin.post(f"{path}/archive", {"reason": "x"}, headers=stale),
    ):
        refused(attempt, 412, "version_mismatch")
    assert count_events() == before
    assert admin.patch(path, {"title": "Third"}, headers=current).is_success
    assert admin.patch(path, {"title": "Fourth"}, headers={"If-Match": "*"}).is_success


@pytest.mark.parametrize("etag", ["3", 'W/"3"', '"x"', '""', '"1", "2"', '"99999999999"'])
def test_what_is_no_etag_of_ours_is_refused(admin: Caller, etag: str) -> None:
    path = f"/releases/{admin.draft()['id']}"
    body = refused(admin.patch(path, {}, headers={"If-Match": etag}), 422, "invalid_request")
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("If-Match", "etag_invalid")]


def test_a_merge_patch_changes_what_it_names(admin: Caller) -> None:
    path = f"/releases/{admin.draft()['id']}"
    patch = {"genre": "Ambient", "catalogue_number": None, "p_line": {"year": 1999}}
    headers = {"Content-Type": "application/merge-patch+json"}
    found = done(admin.patch(path, patch, headers=headers))["metadata"]
    expected = {k: v for k, v in RELEASE.items() if k != "catalogue_number"}
    expected |= {"genre": "Ambient", "p_line": {"year": 1999, "text": "Run-out Records"}}
    assert found["catalogue_number"] is None
    assert _given(found, expected) == expected
    refused(admin.patch(path, {"title": None}), 422, "invalid_request")
    refused(admin.patch(path, [1]), 422, "invalid_request")


# The examples of RFC 7396, appendix A.
@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b"}, {"a": None}, {}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
        (["a", "b"], ["c", "d"], ["c", "d"]),
        ({"a": "b"}, ["c"], ["c"]),
        ({"a": "foo"}, None, None),
        ({"a": "foo"}, "bar", "bar"),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
    ],
)
def test_merging_is_that_of_the_standard(document: Any, patch: Any, result: Any) -> None:
    assert merged(document, patch) == result


def test_patches_at_the_same_time_all_count(admin: Caller) -> None:
    path = f"/releases/{admin.draft()['id']}"
    patches = [{"title": "T"}, {"version": "V"}, {"genre": "G"}, {"sub_genre": "S"}]
    threads = [threading.Thread(target=admin.patch, args=(path, patch)) for patch in patches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = done(admin.get(path))["metadata"]
    assert [found[k] for k in ("title", "version", "genre", "sub_genre")] == ["T", "V", "G", "S"]


def test_tracks_are_set_replaced_and_removed_by_place(admin: Caller) -> None:
    path = f"/releases/{admin.draft(tracks=[])['id']}"
    done(admin.put(f"{path}/tracks/2/1", TRACK))
    done(admin.put(f"{path}/tracks/1/1", TRACK | {"disc": 1, "number": 1}))
    changed = done(admin.put(f"{path}/tracks/1/1", TRACK | {"title": "Other"}))
    places = [(t["disc"], t["number"], t["title"]) for t in changed["metadata"]["tracks"]]
    assert sorted(places) == [(1, 1, "Other"), (2, 1, "Lead-in")]
    left = done(admin.delete(f"{path}/tracks/1/1"))
    assert [t["disc"] for t in left["metadata"]["tracks"]] == [2]
    refused(admin.delete(f"{path}/tracks/1/1"), 404, "not_found")


@pytest.mark.parametrize("wrong", [{"number": 3}, {"disc": 2}, {"disc": "1"}, {"disc": True}])
def test_a_track_may_not_contradict_its_address(admin: Caller, wrong: dict[str, Any]) -> None:
    path = f"/releases/{admin.draft()['id']}/tracks/1/2"
    body = refused(admin.put(path, TRACK | wrong), 422, "invalid_request")
    assert [e["field"] for e in body["errors"]] == list(wrong)


def test_problems_are_what_submitting_would_name(admin: Caller) -> None:
    release = admin.draft(icpn=None)
    lacks = done(admin.get(f"/releases/{release['id']}/problems"))
    told = refused(admin.post(f"/releases/{release['id']}/submit"), 422, "has_problems")
    assert lacks["complete"] is False
    assert lacks["problems"] == told["errors"] != []
    whole = admin.approved()
    assert done(admin.get(f"/releases/{whole['id']}/problems")) == {
        "complete": True,
        "problems": [],
    }


def test_a_release_goes_its_way(admin: Caller) -> None:
    release = admin.approved()
    path = f"/releases/{release['id']}"
    assert release["status"] == "approved"
    refused(admin.post(f"{path}/submit"), 409, "illegal_transition")
    refused(admin.patch(path, {"icpn": None}), 422, "has_problems")
    refused(admin.post(f"{path}/archive"), 415, "unsupported_media_type")
    assert done(admin.post(f"{path}/archive", {"reason": "never out"}))["status"] == "archived"
    body = refused(admin.patch(path, {"title": "x"}), 409, "illegal_transition")
    assert body["allowed"] == []


def test_a_tenant_that_wants_review_approves_itself(operator: Caller) -> None:
    tenant = {"name": "Careful", "kind": "label", "review": True}
    admin = Caller(operator.http, done(operator.post("/tenants", tenant))["key"])
    done(admin.post("/tenant/labels", {"name": "Run-out Records"}))
    release = admin.approved()
    assert release["status"] == "submitted"
    approved = admin.post(f"/releases/{release['id']}/approve", {})
    assert done(approved)["status"] == "approved"


def test_a_label_must_be_known(admin: Caller) -> None:
    body = refused(admin.post("/releases", RELEASE | {"label": "No Such"}), 422, "has_problems")
    assert [(e["field"], e["code"]) for e in body["errors"]] == [("label", "label_unknown")]


def _given(found: Any, given: Any) -> Any:
    """`found` without the fields that `given` does not have."""
    if isinstance(given, dict):
        return {name: _given(found[name], value) for name, value in given.items()}
    if isinstance(given, list):
        assert len(found) == len(given)
        return [_given(f, g) for f, g in zip(found, given, strict=True)]
    return found
