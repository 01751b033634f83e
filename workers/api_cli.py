"""What commands that speak to the API have in common: its address, the key, errors, output."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, NoReturn

import httpx
import typer

from deadwax.infrastructure.settings import Settings
from deadwax.workers.client import ApiError, Client

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, one object or one per line.")]
_KEY_FILE = "deadwax.key"


@dataclass(frozen=True)
class _Asked:
    api: str | None
    key_file: Path

    @cached_property
    def client(self) -> Client:
        try:
            key = self.key_file.read_text().strip()
        except OSError:
            _give_up(f"{self.key_file} cannot be read: give a file that holds an API key.")
        return Client(self.api or _address(), key)


def remember(
    context: typer.Context,
    api: Annotated[
        str | None, typer.Option(help="Address of the API; the one of this home if not given.")
    ] = None,
    key_file: Annotated[Path, typer.Option(help="A file that holds the API key.")] = Path(
        _KEY_FILE
    ),
) -> None:
    """The options that stand before the command."""
    context.obj = _Asked(api, key_file)


def client(context: typer.Context) -> Client:
    asked: _Asked = context.obj
    return asked.client


def _address() -> str:
    try:
        written = (Settings.from_env().home / "api.json").read_text()
        return str(json.loads(written)["url"])
    except (OSError, ValueError):
        _give_up("No API runs in this home: start it, or give --api.")


def _give_up(why: str) -> NoReturn:
    typer.echo(why, err=True)
    raise typer.Exit(2)


@contextmanager
def told() -> Iterator[None]:
    """Say what was refused: exit code 1; what could not be reached: 2."""
    try:
        yield
    except ApiError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    except httpx.HTTPError as error:
        typer.echo(f"The API cannot be reached: {type(error).__name__}.", err=True)
        raise typer.Exit(2) from None


def show(answer: Any, as_json: bool, text: str) -> None:
    typer.echo(json.dumps(answer, ensure_ascii=False) if as_json else text)
