"""`deadwax doctor`: what is configured, reachable, missing."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from urllib.parse import urlsplit

import psycopg
import redis
import typer
from rich.console import Console

from deadwax.application.errors import StoreUnavailable
from deadwax.infrastructure.database import connect
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.settings import Settings
from deadwax.infrastructure.storage.opening import open_stores


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `ok` is None where it is only worth knowing."""

    what: str
    ok: bool | None
    text: str


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list.")] = False,
) -> None:
    """Look at everything a process needs. Exit code 1 if something that is needed is missing."""
    found = list(_look(Settings.from_env()))
    if as_json:
        typer.echo(json.dumps([asdict(f) for f in found]))
    else:
        console = Console()
        marks = {True: "[green]ok[/]", False: "[red]missing[/]", None: "[yellow]note[/]"}
        for finding in found:
            console.print(f"{marks[finding.ok]:<20} {finding.what:<12} {finding.text}")
    if any(f.ok is False for f in found):
        raise typer.Exit(1)


def _look(settings: Settings) -> Iterator[Finding]:
    home = settings.home
    yield Finding("home", None, f"{home}{'' if home.is_dir() else ' (made at the first start)'}")
    embedded = None
    if not (settings.database_url and settings.redis_url):
        embedded = EmbeddedServers.running(home)
        state = "running" if embedded else "not running; `deadwax up` starts them"
        yield Finding("embedded", None, f"PostgreSQL and Redis of this home: {state}")
    database = settings.database_url or (embedded and embedded.database_url)
    if database:
        yield _try("database", database, _database)
    queue = settings.broker_url or settings.redis_url or (embedded and embedded.redis_url)
    if queue and not queue.startswith("amqp"):
        yield _try("queue", queue, _redis)
    elif queue:
        yield Finding("queue", None, f"RabbitMQ at {_shown(queue)} (not tried)")
    yield _schemas(settings)
    yield _assets(settings)
    if home.is_dir():
        free = shutil.disk_usage(home).free
        yield Finding(
            "disk", free > 1 << 30, f"{free / (1 << 30):.1f} GiB free for assets and uploads"
        )


def _try(what: str, url: str, ask: Callable[[str], str]) -> Finding:
    try:
        return Finding(what, True, f"{_shown(url)}: {ask(url)}")
    except (psycopg.Error, redis.RedisError) as error:
        return Finding(what, False, f"{_shown(url)}: {type(error).__name__}")


def _database(url: str) -> str:
    with connect(url, "deadwax-doctor") as connection:
        version = connection.execute("SHOW server_version").fetchone()
        migrated = connection.execute("SELECT to_regclass('migrations')").fetchone()
    assert version is not None
    assert migrated is not None
    state = "migrated" if migrated[0] else "not migrated; run `deadwax migrate`"
    return f"PostgreSQL {version[0]}, {state}"


def _redis(url: str) -> str:
    client: Any = redis.Redis.from_url(url, socket_timeout=3)
    return f"Redis {client.info('server')['redis_version']}"


def _assets(settings: Settings) -> Finding:
    """A bucket is written to, read and swept, as it will be."""
    if settings.assets_url is None:
        return Finding("assets", None, f"in the folder {settings.assets_dir}")
    stores = open_stores(settings)
    assert stores.outside is not None
    try:
        found = stores.outside.probe()
    except StoreUnavailable as error:
        return Finding("assets", False, f"{settings.assets_url}: {error}")
    return Finding("assets", True, f"{settings.assets_url}: {found}")


def _schemas(settings: Settings) -> Finding:
    if settings.ddex_schemas is None:
        return Finding(
            "schemas",
            None,
            "no DDEX schemas: messages are marked 'not checked'; get them from DDEX and run"
            " `deadwax ern schemas install DIR`",
        )
    return Finding("schemas", True, str(settings.ddex_schemas))


def _shown(url: str) -> str:
    """The address without user and password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}" + (
        f" ({parts.query})" if parts.query.startswith("host=") else ""
    )
