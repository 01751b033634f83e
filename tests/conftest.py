"""Real servers for the tests: one PostgreSQL and one Redis for each test process."""

from __future__ import annotations

import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from tests.material import Remembering

from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.media.workbench import Workbench
from deadwax.infrastructure.migrate import migrate

_TEMPLATE = "template_deadwax"
_numbers = itertools.count(1)


def required(found: object, what: str) -> None:
    """What CI has is an error to lack; elsewhere the test is skipped."""
    if not found and os.environ.get("CI"):
        pytest.fail(f"CI must have {what}.")
    elif not found:
        pytest.skip(f"There is no {what} here.")


@pytest.fixture
def short_tmp() -> Iterator[Path]:
    """A folder with a short path, for unix sockets."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def servers() -> Iterator[EmbeddedServers]:
    """For everybody: no test stops them or writes outside a database of its own."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder, EmbeddedServers(Path(folder)) as own:
        with psycopg.connect(own.database_url, autocommit=True) as connection:
            # No test cuts the power, and a killed server's writes are with the kernel.
            for setting in ("fsync", "full_page_writes"):
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(named(own.database_url, _TEMPLATE))
        yield own


@pytest.fixture(scope="session", autouse=True)
def shared_media() -> Iterator[None]:
    """Containers of the tests share the processes that read media, which take time to start."""
    with Workbench(2) as tools, pytest.MonkeyPatch.context() as patch:
        shared = Remembering(tools)
        patch.setattr("deadwax.infrastructure.container.Workbench", lambda *_, **__: shared)
        yield


@pytest.fixture
def own_servers(short_tmp: Path) -> Iterator[EmbeddedServers]:
    """Servers that the test may stop, kill and start again; migrated."""
    with EmbeddedServers(short_tmp) as own:
        migrate(own.database_url)
        yield own


@pytest.fixture
def make_database(servers: EmbeddedServers) -> Iterator[Callable[[], str]]:
    """Makes fresh, migrated databases and drops them at the end."""
    made: list[str] = []

    def make() -> str:
        name = f"t{os.getpid()}_{next(_numbers)}"
        with psycopg.connect(servers.database_url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY wal_log")
        made.append(name)
        return named(servers.database_url, name)

    yield make
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(make_database: Callable[[], str]) -> str:
    """A fresh, migrated database."""
    return make_database()


@pytest.fixture
def redis_url(servers: EmbeddedServers) -> str:
    """An empty logical database of Redis: not the one of the test before, which may have
    left somebody who still writes."""
    url = f"{servers.redis_url}?db={next(_numbers) % 16}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url


@pytest.fixture(scope="session")
def schemas() -> Path:
    """The folder of the official DDEX schemas, which are not part of the project."""
    beside = Path(__file__).parents[2] / "shared" / "ddex" / "schemas"
    folder = Path(os.environ.get("DEADWAX_DDEX_SCHEMAS") or beside)
    required(folder.is_dir(), "folder of DDEX schemas (DEADWAX_DDEX_SCHEMAS)")
    return folder


@pytest.fixture(scope="session")
def sshd_binary() -> str:
    found = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    required(found, "OpenSSH sshd")
    assert found is not None
    return found


def named(url: str, database: str) -> str:
    """The address of another database of the same server."""
    return url.replace("/postgres?", f"/{database}?")
