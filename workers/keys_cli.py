"""Keys of operators and secrets of tenants, from the command line of the machine."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID, uuid4

import httpx
import typer

from deadwax.domain.api_key import ApiKey, Role
from deadwax.domain.cause import SYSTEM_TENANT, Cause, acting
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.settings import Settings

keys = typer.Typer(no_args_is_help=True, help="API keys of operators.")
secrets = typer.Typer(no_args_is_help=True, help="Secrets that delivery targets refer to by name.")


@keys.command("operator")
def issue_operator_key() -> None:
    """Issue an operator key and print it; it is shown this once."""
    typer.echo(_issue(reachable(Settings.from_env())))


@secrets.command("put")
def put_secret(
    tenant: Annotated[UUID, typer.Option(help="The tenant whose target uses the secret.")],
    name: str,
) -> None:
    """Store a secret, read from standard input."""
    from deadwax.infrastructure.secrets import FileSecrets

    value = sys.stdin.read().rstrip("\n")
    if not value.strip():
        raise typer.BadParameter("Nothing came on standard input, which is to hold the secret.")
    FileSecrets(Settings.from_env().secrets_dir).put(tenant, name, value)
    typer.echo(f"stored {name}")


@secrets.command("rotate-links")
def rotate_link_key() -> None:
    """Sign links to files with a new key from now on. Links of the keys before stand until they
    expire; to end them at once, delete the keys that are named."""
    from deadwax.infrastructure.links import FileLinks

    links = FileLinks(Settings.from_env().secrets_dir)
    new = links.rotate()
    for key in sorted(links.keys()):
        typer.echo(f"{key} {'signs and verifies' if key == new else 'verifies'}")


def reachable(settings: Settings) -> Settings:
    """The settings with the addresses of embedded servers that run on this home, if any."""
    if settings.database_url:
        return settings
    running = EmbeddedServers.running(settings.home)
    if running is None:
        typer.echo(
            "No server runs here: start `deadwax up`, or set DEADWAX_DATABASE_URL.", err=True
        )
        raise typer.Exit(2)
    named = {"DEADWAX_DATABASE_URL": running.database_url, "DEADWAX_REDIS_URL": running.redis_url}
    return Settings.from_env({**os.environ, **named})


def operator_key_file(settings: Settings) -> Path:
    """The file with an operator key of this home, made on first use, mode 0600."""
    path = settings.home / "operator.key"
    if not path.exists():
        text = _issue(reachable(settings))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
    return path


def wait_for_api(
    home: Path, seconds: float = 60.0, meanwhile: Callable[[], None] = lambda: None
) -> str:
    """The address of the API of this home, once it answers that it is ready."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            url = str(json.loads((home / "api.json").read_text())["url"])
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return url
        except (OSError, ValueError, httpx.HTTPError):
            pass
        meanwhile()
        time.sleep(0.1)
    typer.echo(f"The API did not start; see {home / 'logs' / 'api.log'}.", err=True)
    raise typer.Exit(1)


def _issue(settings: Settings) -> str:
    from deadwax.infrastructure.container import Container

    container = Container.open(settings, "cli")
    try:
        with acting(Cause(SYSTEM_TENANT, "process:cli", str(uuid4()))):
            key, text = ApiKey.issue(role=Role.OPERATOR, name="operator")
            container.catalogue.save(key)
        return text
    finally:
        container.close()
