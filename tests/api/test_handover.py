"""A delivery to a platform without a feed: laid ready, fetched, handed over by a person."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.caller import TARGET, Caller, done, refused
from tests.api.conftest import Projecting

from deadwax.domain.cause import Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.states import Status
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.settings import Settings

BY_HAND: dict[str, Any] = {
    "protocol": "manual",
    "address": {"path": "portal", "instructions": "Upload it on their portal."},
    "confirmation": "handed_over",
}


@pytest.fixture
def settings(settings: Settings, redis_url: str, schemas: Path, tmp_path: Path) -> Settings:
    (tmp_path / "deliveries").mkdir()
    folder = tmp_path / "deliveries"
    return replace(settings, redis_url=redis_url, ddex_schemas=schemas, delivery_folder=folder)


Deliver = Callable[[str], Distribution]


@pytest.fixture
def deliver(container: Container, projecting: Projecting) -> Deliver:
    """What a worker does with it, step by step."""

    def run(id: str) -> Distribution:
        with projecting():
            for _ in range(100):
                d = container.catalogue.find(Distribution, UUID(id))
                assert d is not None
                if d.status not in (Status.CREATED, Status.QUEUED):
                    return d
                with acting(Cause(d.tenant_id, "process:worker", str(uuid4()))):
                    wait = container.deliveries.advance(d.id, lambda: True)
                time.sleep(0.1 if wait else 0)
        raise AssertionError(d.status)

    return run


def test_what_was_laid_ready_is_delivered_when_a_person_has_handed_it_over(
    admin: Caller, deliver: Deliver, settings: Settings
) -> None:
    path = f"/distributions/{admin.distribution(**BY_HAND)['id']}"
    too_early = refused(admin.get(f"{path}/package"), 422, "has_problems")
    assert [e["code"] for e in too_early["errors"]] == ["not_laid_ready"]
    d = deliver(path.rpartition("/")[2])
    assert d.status == "processing_by_platform"
    assert d.message is not None
    assert settings.delivery_folder is not None
    outbox = settings.delivery_folder / str(d.tenant_id) / "portal"
    for file in d.message["files"]:
        assert hashlib.sha256((outbox / file["path"]).read_bytes()).hexdigest() == file["sha256"]

    viewer = admin.as_role("viewer")
    refused(viewer.get(f"{path}/package"), 403, "forbidden")
    package = admin.get(f"{path}/package")
    assert package.content == admin.get(f"{path}/package").content
    with zipfile.ZipFile(io.BytesIO(package.content)) as archive:
        assert "Upload it on their portal." in archive.read("INSTRUCTIONS.txt").decode()
        sums = dict(
            line.split("  ", 1)[::-1] for line in archive.read("SHA256SUMS").decode().splitlines()
        )
        assert sums == {file["path"]: file["sha256"] for file in d.message["files"]}
        for name, digest in sums.items():
            assert hashlib.sha256(archive.read(name)).hexdigest() == digest

    body = {"how": "Uploaded on their portal, ticket 4712."}
    refused(viewer.post(f"{path}/handed-over", body), 403, "forbidden")
    future = admin.post(f"{path}/handed-over", body | {"at": "2999-01-01T00:00:00Z"})
    [error] = refused(future, 422, "has_problems")["errors"]
    assert (error["code"], error["field"]) == ("time_in_future", "at")
    assert done(admin.post(f"{path}/handed-over", body))["status"] == "distributed"
    confirmed = done(admin.get(path))["confirmed"]
    assert confirmed[-1]["evidence"]["information"] == body["how"]
    again = refused(admin.post(f"{path}/handed-over", body), 422, "has_problems")
    assert [e["code"] for e in again["errors"]] == ["nothing_to_hand_over"]


def test_what_we_deliver_is_not_handed_over(admin: Caller) -> None:
    path = f"/distributions/{admin.distribution()['id']}"
    for answer in (
        admin.get(f"{path}/package"),
        admin.post(f"{path}/handed-over", {"how": "By mail."}),
    ):
        assert [e["code"] for e in refused(answer, 422, "has_problems")["errors"]] == [
            "not_by_hand"
        ]


@pytest.mark.parametrize(
    "changes",
    [
        BY_HAND | {"confirmation": "none"},
        BY_HAND | {"confirmation": "ddex_acknowledgement"},
        {"confirmation": "handed_over"},
    ],
)
def test_by_hand_means_that_somebody_says_so(admin: Caller, changes: dict[str, Any]) -> None:
    answer = admin.post("/targets", TARGET | changes)
    wrong = refused(answer, 422, "invalid_request")
    assert [e["code"] for e in wrong["errors"]] == ["confirmation_not_of_protocol"]
