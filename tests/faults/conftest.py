"""An installation for each test that breaks one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from tests.conftest import named
from tests.couriers.http_fixtures import (  # noqa: F401
    http_dsp,
    http_tls,
    platform_with_tls,
    signing_keys,
)
from tests.faults.rig import Rig

from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.migrate import migrate

_TEMPLATE = "template_faults"


@pytest.fixture(scope="session")
def breakable() -> Iterator[EmbeddedServers]:
    """Servers for tests that stop them, one after the other."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder, EmbeddedServers(Path(folder)) as own:
        _execute(own, f"CREATE DATABASE {_TEMPLATE}")
        migrate(named(own.database_url, _TEMPLATE))
        yield own


@pytest.fixture
def own_servers(breakable: EmbeddedServers) -> Iterator[EmbeddedServers]:
    """Servers that the test may stop, kill and start again, with nothing in them."""
    with redis.Redis.from_url(breakable.redis_url) as client:
        client.flushall()
    yield breakable
    for name, start in (
        ("postgres", breakable.start_postgres),
        ("redis", breakable.start_redis),
    ):
        if name not in breakable.pids():
            start()


@pytest.fixture
def rig(own_servers: EmbeddedServers, short_tmp: Path, schemas: Path) -> Iterator[Rig]:
    name = f"faults_{short_tmp.name}"
    _execute(own_servers, f'CREATE DATABASE "{name}" TEMPLATE {_TEMPLATE} STRATEGY wal_log')
    url = named(own_servers.database_url, f"{name}")
    rig = Rig(short_tmp, url, own_servers.redis_url, schemas)
    try:
        yield rig
    finally:
        rig.close()
        _execute(own_servers, f'DROP DATABASE "{name}" WITH (FORCE)')


def _execute(servers: EmbeddedServers, command: str) -> None:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        connection.execute(command)
