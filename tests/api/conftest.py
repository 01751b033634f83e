"""The API over a real database, with the keys of a tenant, and projectors when asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import tests.projecting
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.api.caller import Caller, done
from tests.api.server import Server, Start

from deadwax.api.app import create_app
from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.cause import SYSTEM_TENANT, Cause, acting
from deadwax.domain.distribution import Distribution
from deadwax.domain.tenant import Label, TenantKind
from deadwax.domain.texts import Name
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.settings import Settings
from deadwax.projections.positions import install
from deadwax.projections.registry import PROJECTIONS

LABEL = "Run-out Records"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings.from_env(
        {
            "DEADWAX_HOME": str(tmp_path / "home"),
            "DEADWAX_DATABASE_URL": database_url,
            "DEADWAX_STALL_SECONDS": "2",
            "DEADWAX_MAX_BODY_BYTES": "65536",
            "DEADWAX_MAX_ASSET_BYTES": str(64 << 20),
        }
    )


@pytest.fixture
def container(settings: Settings) -> Iterator[Container]:
    with connect(settings.require_database(), "test") as connection:
        install(connection, PROJECTIONS)
    container = Container.open(settings, "api")
    yield container
    container.close()


@pytest.fixture
def app(container: Container) -> FastAPI:
    return create_app(container)


@pytest.fixture
def http(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app) as client:
        yield client


@pytest.fixture
def operator(container: Container, http: TestClient) -> Caller:
    return Caller(http, operator_key(container))


def operator_key(container: Container) -> str:
    with acting(Cause(SYSTEM_TENANT, "process:test", str(uuid4()))):
        key, text = ApiKey.issue(role=Role.OPERATOR, name="test")
        container.catalogue.save(key)
    return text


MakeTenant = Callable[[], Caller]


@pytest.fixture
def make_tenant(container: Container, http: TestClient) -> MakeTenant:
    """A tenant with one label; the caller is its admin."""

    def make() -> Caller:
        with acting(Cause(SYSTEM_TENANT, "process:test", str(uuid4()))):
            name = Name("A tenant")
            tenant, key, _ = container.tenants.register(name, TenantKind.LABEL, review=False)
        with acting(Cause(tenant.id, "process:test", str(uuid4()))):
            container.tenants.add_label(Label(name=Name(LABEL)))
        return Caller(http, key)

    return make


@pytest.fixture
def admin(make_tenant: MakeTenant) -> Caller:
    return make_tenant()


Projecting = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def projecting(settings: Settings) -> Projecting:
    return partial(tests.projecting.projecting, settings.require_database())


@pytest.fixture
def count_events(container: Container) -> Callable[[], int]:
    def count() -> int:
        with container.pool.connection() as connection:
            found = connection.execute("SELECT count(*) FROM events").fetchone()
        assert found
        return int(found[0])

    return count


@pytest.fixture
def start(settings: Settings, container: Container) -> Iterator[Start]:
    """Starts API processes over the database of the test."""
    started: list[Server] = []

    def one(*command: str, **named: int) -> Server:
        started.append(Server(settings, *command, **named))
        return started[-1]

    yield one
    for server in started:
        server.process.kill()
        server.process.wait()


@pytest.fixture
def sent(admin: Caller, container: Container) -> dict[str, Any]:
    """A distribution whose message was sent, with the message's id."""
    item = admin.distribution()
    now = datetime.now(UTC)
    with acting(Cause(UUID(done(admin.get("/tenant"))["id"]), "process:worker", "c-1")):
        d = container.catalogue.get(Distribution, UUID(item["id"]))
        d.start_validation()
        d.pass_validation(now)
        token = d.start_attempt("worker", now)
        message = {"id": f"{d.id.hex}.{token}", "kind": "initial", "icpn": "5901234123457"}
        d.compose(token, {**message, "batch_id": "20260102030405006", "files": []})
        d.start_upload(token)
        d.start_publishing(token)
        d.confirm_sent(token, {"files": []}, expects_answer=True)
        container.catalogue.save(d)
    return item | {"message_id": message["id"]}
