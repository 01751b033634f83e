"""Every operation against every role, and whose data a key reaches."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant

from deadwax.api.app import ROUTERS
from deadwax.api.auth import ROLES, Permission
from deadwax.api.health import router as health
from deadwax.api.links import router as links
from deadwax.api.route import Route, needs, permission_of
from deadwax.api.webhooks import router as webhooks
from deadwax.domain.api_key import Role

XML = {"Content-Type": "application/xml"}
TENANT_ROLES = [role for role in Role if role is not Role.OPERATOR]


def _operations() -> Iterator[tuple[str, str, Permission]]:
    for router in ROUTERS:
        for route in router.routes:
            if isinstance(route, Route):
                for method in sorted(route.methods or ()):
                    yield method, route.path, permission_of(route)


OPERATIONS = list(_operations())


def _filled(path: str) -> str:
    """With an id of nothing in every place."""
    values = {"disc": "1", "number": "1", "sha256": "0" * 64, "message_id": "none"}
    path = re.sub(r"\{(\w+)\}", lambda m: values.get(m[1], str(uuid4())), path)
    return path.removeprefix("/api/v1")


def _code(method: str, response: httpx.Response) -> str:
    """An answer to HEAD says no more than its status."""
    return "forbidden" if method == "HEAD" else str(response.json()["code"])


def test_every_operation_outside_health_states_a_permission() -> None:
    loose = [
        route.path  # type: ignore[attr-defined]
        for router in ROUTERS
        if router not in (health, links, webhooks)
        for route in router.routes
        if not isinstance(route, Route)
    ]
    assert loose == []
    assert len(OPERATIONS) > 30
    with pytest.raises(KeyError):
        Route("/nothing", endpoint=lambda: None)
    assert Route("/nothing", endpoint=lambda: None, openapi_extra=needs(Permission.AUDIT_READ))


def test_each_operation_admits_exactly_the_roles_of_the_table(
    admin: Caller, operator: Caller
) -> None:
    callers = {Role.ADMIN: admin, Role.OPERATOR: operator}
    callers |= {r: admin.as_role(r) for r in TENANT_ROLES if r is not Role.ADMIN}
    wrong = []
    for method, path, permission in OPERATIONS:
        for role, caller in callers.items():
            response = caller.ask(method, _filled(path))
            if permission in ROLES[role]:
                as_told = response.status_code not in (401, 403, 500)
            else:
                as_told = response.status_code == 403 and _code(method, response) == "forbidden"
            if not as_told:
                wrong.append((role, method, path, response.status_code))
    assert wrong == []


def test_an_operation_without_a_key_is_refused(http: TestClient) -> None:
    for method, path, _ in OPERATIONS:
        response = http.request(method, f"/api/v1{_filled(path)}")
        if method == "HEAD":
            assert response.status_code == 401
        else:
            refused(response, 401, "unauthenticated")
        assert response.headers["WWW-Authenticate"] == "Bearer"


def test_who_may_what_as_it_was_promised() -> None:
    may = {role: {p.value for p in permissions} for role, permissions in ROLES.items()}
    writes = {p.value for p in Permission if p.value.endswith(":write")}
    assert may[Role.VIEWER] & writes == may[Role.ANALYST] & writes == set()
    assert may[Role.COMPLIANCE] & writes == set()
    assert {"audit:read", "messages:read", "delivery_log:read"} <= may[Role.COMPLIANCE]
    assert writes - {"tenant:write"} == may[Role.MANAGER] & writes
    assert "audit:read" not in may[Role.MANAGER]
    assert {"board:read", "delivery_log:read", "releases:read"} <= may[Role.ANALYST]
    assert may[Role.OPERATOR] == {"tenants:register", "tenants:pause", "system:read"}
    assert "tenants:register" not in may[Role.ADMIN]
    assert [role for role in Role if "pull" in may[role]] == [Role.PLATFORM]
    assert may[Role.PLATFORM] == {"pull"}


def test_no_operator_key_is_issued_to_a_tenant(admin: Caller) -> None:
    body = refused(
        admin.post("/tenant/keys", {"role": "operator", "name": "x"}), 422, "has_problems"
    )
    assert [e["code"] for e in body["errors"]] == ["role_not_for_tenants"]


def test_what_is_no_key_is_refused(http: TestClient) -> None:
    for header in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer dwx_",
        "Bearer dwx_zz_secret",
        "Bearer dwx_00000000000000000000000000000000_secret",
        "Basic dXNlcjpwYXNz",
        "Bearer ünïcode",
    ]:
        response = http.get("/api/v1/tenant", headers={"Authorization": header.encode("latin-1")})
        refused(response, 401, "unauthenticated")


def test_a_key_with_another_secret_is_refused(admin: Caller, http: TestClient) -> None:
    head, _, secret = admin.key.rpartition("_")
    other = "y" if secret[0] == "x" else "x"
    forged = Caller(http, f"{head}_{other + secret[1:]}")
    assert forged.key != admin.key
    refused(forged.get("/tenant"), 401, "unauthenticated")


def test_the_id_of_something_else_is_no_key(admin: Caller, http: TestClient) -> None:
    release = admin.draft()
    forged = Caller(http, f"dwx_{release['id'].replace('-', '')}_secret")
    refused(forged.get("/tenant"), 401, "unauthenticated")


def test_a_revoked_key_is_refused_from_then_on(admin: Caller) -> None:
    made = done(admin.post("/tenant/keys", {"role": "viewer", "name": "short-lived"}))
    viewer = admin.as_role("viewer")
    assert viewer.get("/tenant").status_code == 200
    viewer.key = made["key"]
    assert viewer.get("/tenant").status_code == 200
    assert admin.delete(f"/tenant/keys/{made['id']}").status_code == 202
    refused(viewer.get("/tenant"), 401, "unauthenticated")
    again = done(admin.delete(f"/tenant/keys/{made['id']}"))
    assert again["position"] == 0


def test_what_belongs_to_another_tenant_does_not_exist(make_tenant: MakeTenant) -> None:
    mine, other = make_tenant(), make_tenant()
    item = mine.distribution()
    made = done(mine.post("/tenant/keys", {"role": "viewer", "name": "x"}))
    sha256 = done(mine.get(f"/releases/{item['release_id']}"))["metadata"]["cover"]
    release, target = f"/releases/{item['release_id']}", f"/targets/{item['target_id']}"
    distribution = f"/distributions/{item['id']}"
    found = done(other.get("/tenant"))
    assert found["labels"] != []
    tried = [
        other.get(release),
        other.put(release, {"title": "Mine now"}),
        other.patch(release, {"title": "Mine now"}),
        other.put(f"{release}/tracks/1/1", {}),
        other.delete(f"{release}/tracks/1/1"),
        other.post(f"{release}/submit"),
        other.post(f"{release}/approve"),
        other.post(f"{release}/archive", {"reason": "x"}),
        other.get(f"{release}/problems"),
        other.get(f"{release}/status"),
        other.post(f"{release}/distributions", {"target_ids": [item["target_id"]]}),
        other.get(target),
        other.put(target, done(mine.get(target))["settings"]),
        other.post(f"{target}/host-key", {"host_key": "SHA256:" + "A" * 43}),
        other.post(f"{target}/test"),
        other.ask("POST", f"{target}/acknowledgements", content=b"<a/>", headers=XML),
        other.get(f"{target}/acknowledgements"),
        other.get(f"{target}/acknowledgements/{uuid4()}/xml"),
        other.post(
            "/tenant/keys", {"role": "platform", "name": "x", "target_id": item["target_id"]}
        ),
        other.post(f"{release}/codes", {}),
        other.get(distribution),
        other.get(f"{distribution}/changes"),
        other.post(f"{distribution}/update", {"reason": "x"}),
        other.post(f"{distribution}/suspend", {"reason": "x"}),
        other.post(f"{distribution}/resume"),
        other.post(f"{distribution}/purge", {"reason": "x", "icpn": "5901234123457"}),
        other.post(f"{distribution}/cancel", {"reason": "x"}),
        other.post(f"{distribution}/takedown", {"reason": "x"}),
        other.post(f"{distribution}/retry"),
        other.post(f"{distribution}/resolve", {"delivered": True, "evidence": "x"}),
        other.get(f"{distribution}/timeline"),
        other.get(f"{distribution}/messages/x/xml"),
        other.get(f"/assets/{sha256}"),
        other.get(f"/assets/{sha256}/content"),
        other.get(f"/assets/{sha256}/pictures/waveform.json"),
        other.delete(f"/tenant/keys/{made['id']}"),
    ]
    for response in tried:
        refused(response, 404, "not_found")
    own = other.approved()
    path = f"/releases/{own['id']}/distributions"
    refused(other.post(path, {"target_ids": [item["target_id"]]}), 404, "not_found")


def test_lists_hold_the_tenants_own_only(make_tenant: MakeTenant, projecting) -> None:  # type: ignore[no-untyped-def]
    mine, other = make_tenant(), make_tenant()
    mine.distribution()
    theirs = other.distribution()
    with projecting():
        for path in ("/releases", "/targets", "/status-board", "/audit-trail"):
            after = {"after": _head(mine)}
            items = done(mine.get(path, params=after))["items"]
            assert items
            assert len({item["tenant_id"] for item in items}) == 1
            assert theirs["release_id"] not in str(items)


def _head(caller: Caller) -> int:
    head: int = done(caller.get("/system/projections"))["head"]
    return head
