"""What operators do about single distributions, and what they see before."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.caller import PULLED, Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting

from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.container import Container

CountEvents = Callable[[], int]


class Desk:
    """A distribution, with a worker that does what it is told."""

    def __init__(self, caller: Caller, container: Container, **target: Any) -> None:
        self.caller, self._container = caller, container
        self.item = caller.distribution(**target)
        self.path = f"/distributions/{self.item['id']}"

    def tell(self, *commands: Callable[[Distribution], Any]) -> int:
        d = self._container.catalogue.find(Distribution, UUID(self.item["id"]))
        assert d is not None
        with acting(Cause(d.tenant_id, "process:test", str(uuid4()))):
            for command in commands:
                command(d)
            return self._container.catalogue.save(d)

    def sent(self) -> None:
        """Delivered whole, and live."""

        def compose(d: Distribution) -> None:
            with_draft = self._container.composer.draft(d, datetime.now(UTC))
            assert with_draft
            d.compose(d.token, self._container.composer.lay_out([with_draft])[0])

        def live(d: Distribution) -> None:
            assert d.message
            d.acknowledge(d.message["id"], "live", {"sha256": "f" * 64})

        self.tell(
            Distribution.start_validation,
            lambda d: d.pass_validation(datetime.now(UTC)),
            _started,
            compose,
            lambda d: d.start_upload(d.token),
            lambda d: d.start_publishing(d.token),
            lambda d: d.confirm_sent(d.token, {"endpoint": "x"}, expects_answer=True),
            live,
        )


def _started(d: Distribution) -> None:
    d.start_attempt("worker", datetime.now(UTC) + timedelta(minutes=1))


def _failed(category: FailureCategory) -> Callable[[Distribution], None]:
    return lambda d: d.need_attention(category, [])


@pytest.fixture
def desk(admin: Caller, container: Container) -> Desk:
    return Desk(admin, container)


@pytest.fixture
def projected(projecting: Projecting) -> Iterator[None]:
    with projecting():
        yield


def test_a_status_is_overridden_by_an_admin_with_a_reason(desk: Desk, projected: None) -> None:
    manager = desk.caller.as_role("manager")
    body = {"status": "live", "reason": "Their support says so."}
    refused(manager.post(f"{desk.path}/override", body), 403, "forbidden")
    stated = done(desk.caller.post(f"{desk.path}/override", body))
    assert (stated["status"], stated["at_platform"]) == ("live", ["stated.2"])
    wrong = refused(desk.caller.post(f"{desk.path}/override", body), 422, "has_problems")
    assert [e["code"] for e in wrong["errors"]] == ["status_unchanged"]
    trail = done(
        desk.caller.get(
            "/audit-trail",
            params={"type": "distribution.status_overridden", "after": stated["position"]},
        )
    )["items"]
    assert [(e["actor"], e["changes"]["reason"]) for e in trail] == [
        (desk.caller.actor, "Their support says so.")
    ]
    taken = done(desk.caller.post(f"{desk.path}/takedown", {"reason": "Over."}))
    assert taken["status"] == "takedown_requested", "not cancelled: the platform has it"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("queued", "status_not_statable"),
        ("purged", "purge_not_requested"),
        ("rejected", "message_not_sent"),
    ],
)
def test_what_nobody_can_know_is_not_stated(desk: Desk, status: str, code: str) -> None:
    answer = desk.caller.post(f"{desk.path}/override", {"status": status, "reason": "x"})
    assert [e["code"] for e in refused(answer, 422, "has_problems")["errors"]] == [code]


def test_a_worker_is_not_disturbed(desk: Desk) -> None:
    desk.tell(
        Distribution.start_validation, lambda d: d.pass_validation(datetime.now(UTC)), _started
    )
    answer = desk.caller.post(f"{desk.path}/override", {"status": "failed", "reason": "x"})
    wrong = refused(answer, 422, "has_problems")
    assert [e["code"] for e in wrong["errors"]] == ["attempt_under_way"]
    refused(
        desk.caller.post(f"{desk.path}/priority", {"priority": "high"}), 409, "illegal_transition"
    )


def test_failures_are_listed_counted_assigned_and_leave_the_list(
    desk: Desk, container: Container, projected: None
) -> None:
    other = Desk(desk.caller, container)
    desk.tell(Distribution.start_validation, _failed(FailureCategory.AUTH_INVALID))
    at = other.tell(Distribution.start_validation, _failed(FailureCategory.RIGHTS))
    found = done(desk.caller.get("/failures", params={"after": at}))["items"]
    assert [(f["error_category"], f["advice_code"]) for f in found] == [
        ("auth_invalid", "check_credentials"),
        ("rights", "check_rights"),
    ]
    counted = done(desk.caller.get("/failures/counts", params={"after": at}))
    assert (counted["total"], counted["categories"]) == (2, {"auth_invalid": 1, "rights": 1})

    body = {"assignee": "ida@runout.example", "note": "She has their number."}
    at = done(desk.caller.post(f"{desk.path}/assignment", body))["position"]
    hers = {"assignee": "ida@runout.example", "after": at}
    assert [
        f["assigned_note"] for f in done(desk.caller.get("/failures", params=hers))["items"]
    ] == ["She has their number."]
    nobodys = done(desk.caller.get("/failures", params={"unassigned": True, "after": at}))["items"]
    assert [f["distribution_id"] for f in nobodys] == [other.item["id"]]
    for params in ({"category": "rights"}, {"target_id": other.item["target_id"]}):
        found = done(desk.caller.get("/failures", params={**params, "after": at}))["items"]
        assert [f["distribution_id"] for f in found] == [other.item["id"]]
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert done(desk.caller.get("/failures", params={"since": soon, "after": at}))["items"] == []

    at = done(desk.caller.post(f"{desk.path}/retry"))["position"]
    left = done(desk.caller.get("/failures", params={"after": at}))["items"]
    assert [f["distribution_id"] for f in left] == [other.item["id"]]
    refused(desk.caller.post(f"{desk.path}/assignment", {"assignee": "bo"}), 422, "has_problems")


def test_an_operator_sees_what_fails_for_every_tenant(
    make_tenant: MakeTenant, operator: Caller, container: Container, projected: None
) -> None:
    one, other = Desk(make_tenant(), container), Desk(make_tenant(), container)
    one.tell(Distribution.start_validation, _failed(FailureCategory.RIGHTS))
    at = other.tell(Distribution.start_validation, _failed(FailureCategory.RIGHTS))
    path, params = "/system/failures", {"after": at}
    tenants = {done(d.caller.get("/tenant"))["id"] for d in (one, other)}
    found = done(operator.get(path, params=params))["items"]
    assert {f["tenant_id"] for f in found} == tenants
    own = done(one.caller.get(path, params=params))["items"]
    assert [(f["tenant_id"], f["category"], f["count"]) for f in own] == [
        (done(one.caller.get("/tenant"))["id"], "rights", 1)
    ]


def test_a_redelivery_brings_all_files_though_nothing_changed(
    desk: Desk, container: Container
) -> None:
    desk.sent()
    unchanged = done(desk.caller.get(f"{desk.path}/dry-run"))
    assert (unchanged["would_be_sent"], unchanged["kind"]) == (False, "update")
    whole = done(desk.caller.get(f"{desk.path}/dry-run?wanted=redelivery"))
    assert whole["would_be_sent"]
    assert {r["state"] for r in whole["resources"]} == {"same"}
    assert sum(f["role"] == "resource" for f in whole["files"]) == 2

    assert (
        done(desk.caller.post(f"{desk.path}/redeliver", {"reason": "Lost."}))["status"]
        == "updating"
    )
    drafts: list[Any] = []
    desk.tell(_started, lambda d: drafts.append(container.composer.draft(d, datetime.now(UTC))))
    (draft,) = drafts
    assert draft is not None
    assert draft.spec.with_files
    refused(
        desk.caller.post(f"{desk.path}/redeliver", {"reason": "Again."}), 409, "illegal_transition"
    )


def test_a_dry_run_shows_the_very_bytes_and_stores_nothing(
    admin: Caller, container: Container, count_events: CountEvents
) -> None:
    release, target = admin.approved(), admin.target()
    before = count_events()
    path, asked = f"/releases/{release['id']}/dry-run", {"target_id": target["id"]}
    run = done(admin.get(path, params=asked))
    assert (run["kind"], run["would_be_sent"], run["problems"]) == ("initial", True, [])
    assert [f["role"] for f in run["files"]] == ["resource", "resource", "message", "manifest"]
    assert {r["state"] for r in run["resources"]} == {"new"}

    answer = admin.get(f"{path}/package", params=asked)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as package:
        told = json.loads(package.read("dry-run.json"))
        made = [f for f in told["files"] if f["role"] != "resource"]
        assert {f["path"] for f in made} | {"dry-run.json"} == set(package.namelist())
        for file in made:
            assert len(package.read(file["path"])) == file["size"]
        assert b"NewReleaseMessage" in package.read(made[0]["path"])
    assert count_events() == before
    with container.pool.connection() as connection:
        assert connection.execute("SELECT count(*) FROM batch_numbers").fetchone() == (0,)


def test_a_dry_run_for_a_platform_that_pulls_names_what_it_would_be_offered(admin: Caller) -> None:
    release, target = admin.approved(), admin.target(**PULLED)
    asked = {"target_id": target["id"]}
    run = done(admin.get(f"/releases/{release['id']}/dry-run", params=asked))
    assert run["would_be_sent"]
    assert [f["role"] for f in run["files"]].count("message") == 1


def test_a_dry_run_names_what_stands_in_the_way(admin: Caller) -> None:
    draft, target = admin.draft(), admin.target()
    path, asked = f"/releases/{draft['id']}/dry-run", {"target_id": target["id"]}
    run = done(admin.get(path, params=asked))
    assert [p["code"] for p in run["problems"]] == ["release_not_approved"]
    refused(admin.get(f"{path}/package", params=asked), 422, "has_problems")


def test_a_test_delivery_goes_to_test_targets_only_and_again(
    admin: Caller, container: Container
) -> None:
    release, live = admin.approved()["id"], admin.target(mode="live")["id"]
    path = f"/releases/{release}/test-delivery"
    wrong = refused(admin.post(path, {"target_id": live}), 422, "has_problems")
    assert [e["code"] for e in wrong["errors"]] == ["target_is_live"]
    desk = Desk(admin, container)
    desk.sent()
    path = f"/releases/{desk.item['release_id']}/test-delivery"
    again = done(admin.post(path, {"target_id": desk.item["target_id"]}))
    assert again["status"] == "updating"


def test_another_tenants_distributions_do_not_exist(
    make_tenant: MakeTenant, container: Container
) -> None:
    desk, other = Desk(make_tenant(), container, **PULLED), make_tenant()
    release, target = desk.item["release_id"], desk.item["target_id"]
    for response in (
        other.post(f"{desk.path}/redeliver", {"reason": "x"}),
        other.post(f"{desk.path}/priority", {"priority": "low"}),
        other.post(f"{desk.path}/assignment", {"assignee": "x"}),
        other.post(f"{desk.path}/override", {"status": "live", "reason": "x"}),
        other.get(f"{desk.path}/dry-run"),
        other.get(f"{desk.path}/dry-run/package"),
        other.get(f"/releases/{release}/dry-run", params={"target_id": target}),
        other.get(f"/releases/{release}/dry-run/package", params={"target_id": target}),
        other.post(f"/releases/{release}/test-delivery", {"target_id": target}),
    ):
        refused(response, 404, "not_found")
