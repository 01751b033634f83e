"""Databases are brought to this version's schema once."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from hatchling.builders.wheel import WheelBuilder

from deadwax.infrastructure.database import connect
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.migrate import MigrationChanged, migrate

_ROOT = Path(__file__).parents[2]
_NAMES = sorted(path.name for path in (_ROOT / "infrastructure" / "migrations").glob("*.sql"))


@pytest.fixture
def empty_database(servers: EmbeddedServers) -> Iterator[str]:
    name = f"empty_{uuid4().hex}"
    with connect(servers.database_url, "test") as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
        yield servers.database_url.replace("/postgres?", f"/{name}?")
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]


def test_each_migration_is_applied_once_and_in_order(empty_database: str) -> None:
    assert _NAMES[0] == "0001_events.sql"
    assert migrate(empty_database) == _NAMES
    assert migrate(empty_database) == []


def test_each_migration_is_recorded(database_url: str) -> None:
    with connect(database_url, "test") as connection:
        names = [n for (n,) in connection.execute("SELECT name FROM migrations ORDER BY name")]
    assert names == _NAMES


def test_processes_that_migrate_at_once_take_turns(empty_database: str) -> None:
    with ThreadPoolExecutor(8) as threads:
        applied = list(threads.map(migrate, [empty_database] * 8))
    assert sorted(applied) == [[]] * 7 + [_NAMES]


def test_a_migration_that_was_changed_later_is_refused(database_url: str) -> None:
    with connect(database_url, "test") as connection:
        connection.execute("UPDATE migrations SET sha256 = 'other' WHERE name = %s", _NAMES[:1])
    with pytest.raises(MigrationChanged, match=_NAMES[0]):
        migrate(database_url)


def test_of_a_migration_that_fails_nothing_is_kept(database_url: str) -> None:
    name = "0003_operations.sql"
    with connect(database_url, "test") as connection:
        connection.execute("DELETE FROM migrations WHERE name = %s", (name,))
        connection.execute("DROP TABLE leases")  # made first; a later statement then fails
        with pytest.raises(psycopg.errors.DuplicateTable) as failure:
            migrate(database_url)
        assert name in failure.value.__notes__[0]
        assert connection.execute("SELECT to_regclass('leases')").fetchone() == (None,)


def test_the_wheel_has_every_migration(tmp_path: Path) -> None:
    (wheel,) = WheelBuilder(str(_ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    prefix = "deadwax/infrastructure/migrations/"
    assert sorted(n.removeprefix(prefix) for n in names if n.startswith(prefix)) == _NAMES
