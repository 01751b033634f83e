"""How far deliveries are, why they failed, and what attests them, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tests.api.caller import Caller, done, refused

from deadwax.application.ports import Snapshot
from deadwax.application.receipts import Receipts, Seen, canonical
from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.failures import FailureCategory
from deadwax.domain.target import DeliveryTarget
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.signing import is_signed

HALF = Snapshot(
    route="primary",
    file="a.wav",
    files_done=1,
    files=2,
    bytes_done=5,
    bytes_total=10,
    bytes_sent=5,
    rate=1,
    seconds_left=5,
)


def _now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def uploading(admin: Caller, container: Container) -> Distribution:
    release, target = admin.approved(), admin.target()
    path = f"/releases/{release['id']}/distributions"
    (item,) = done(admin.post(path, {"target_ids": [target["id"]]}))["items"]
    with _working(admin):
        d = container.catalogue.get(Distribution, UUID(item["id"]))
        d.start_validation()
        d.pass_validation(_now())
        token = d.start_attempt("worker", _now() + timedelta(seconds=60))
        stored = container.asset_store.put([b"<ern/>"])
        file = {"path": "N_1/m.xml", "role": "message", "sha256": stored.sha256, "size": 6}
        d.compose(token, {"id": f"{d.id.hex}.{token}", "kind": "initial", "files": [file]})
        d.start_upload(token)
        container.catalogue.save(d)
    return d


def _working(admin: Caller) -> Any:
    return acting(Cause(UUID(done(admin.get("/tenant"))["id"]), "process:worker", "c-1"))


def test_progress_is_shown_while_it_runs(
    admin: Caller, container: Container, uploading: Distribution
) -> None:
    path = f"/distributions/{uploading.id}"
    nothing = {"status": "uploading", "progress": None}
    assert done(admin.get(f"{path}/progress")) == nothing
    container.progress.show({uploading.id: uploading.token}, HALF)
    shown = done(admin.get(f"{path}/progress"))["progress"]
    assert shown.items() >= vars(HALF).items()
    assert done(admin.get(path))["progress"] == shown
    container.progress.forget({uploading.id: uploading.token})
    assert done(admin.get(f"{path}/progress")) == nothing


def test_a_failure_comes_with_advice(
    admin: Caller, container: Container, uploading: Distribution
) -> None:
    path = f"/distributions/{uploading.id}"
    assert done(admin.get(path))["failure"] is None
    with _working(admin):
        detail = "sftp://x: no room"
        at = _now() + timedelta(seconds=30)
        uploading.fail_attempt(uploading.token, FailureCategory.QUOTA_EXCEEDED, detail, at)
        container.catalogue.save(uploading)
    failure = done(admin.get(path))["failure"]
    assert (failure["category"], failure["strategy"]) == ("quota_exceeded", "exponential")
    assert datetime.fromisoformat(failure["retry_at"]) == at
    assert (failure["detail"], failure["advice"]["code"]) == (detail, "make_room")
    done(admin.post(f"{path}/retry"))
    assert done(admin.get(path))["failure"] is None


def test_a_receipt_is_listed_and_can_be_checked(
    admin: Caller, container: Container, uploading: Distribution
) -> None:
    path = f"/distributions/{uploading.id}/receipts"
    assert done(admin.get(path)) == {"items": []}
    assert uploading.message is not None
    id = uploading.message["id"]
    refused(admin.get(f"{path}/{id}"), 404, "not_found")
    with _working(admin):
        settings = container.catalogue.get(DeliveryTarget, uploading.target_id).settings
        seen = Seen(established="published", verified={"N_1/m.xml": "size"}, listing=None)
        given = Receipts(container.asset_store, container.signer).give(
            uploading, settings, settings, seen
        )
        uploading.start_publishing(uploading.token)
        uploading.confirm_sent(uploading.token, {"files": [], **given}, expects_answer=True)
        container.catalogue.save(uploading)
    (item,) = done(admin.get(path))["items"]
    assert (item["message_id"], item["sha256"]) == (id, given["receipt"])
    receipt = done(admin.get(f"{path}/{id}"))
    document = canonical(receipt["document"])
    assert is_signed(document, receipt["signature"], receipt["public_key"])
    assert receipt["document"]["files"][0]["verified"] == "size"


def test_nobody_else_sees_them(
    make_tenant: Any, container: Container, uploading: Distribution
) -> None:
    other = make_tenant()
    for what in ("progress", "receipts", "receipts/x"):
        refused(other.get(f"/distributions/{uploading.id}/{what}"), 404, "not_found")
