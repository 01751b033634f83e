"""`deadwax assets`: moving them from a folder into a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from deadwax.application.ports import StoredAsset
from deadwax.infrastructure.settings import Settings
from deadwax.infrastructure.storage.local import LocalAssets
from deadwax.infrastructure.storage.opening import open_stores
from deadwax.infrastructure.storage.spooling import BLOCK

app = typer.Typer(no_args_is_help=True, help="The store of assets.")


class _Differs(Exception):
    pass


@app.command()
def copy(
    source: Annotated[
        Path | None, typer.Argument(help="The folder to copy from; <home>/assets unless given.")
    ] = None,
) -> None:
    """Copy all assets of a folder into the bucket of DEADWAX_ASSETS_URL.

    Each is hashed on its way; what is there already is left alone, so it may be run again, also
    while others write. Nothing is deleted. Exit code 1 if a file is not what its name says.
    """
    settings = Settings.from_env()
    if settings.assets_url is None:
        raise typer.BadParameter("DEADWAX_ASSETS_URL is not set: name the bucket to copy into.")
    folder, bucket = LocalAssets(source or settings.assets_dir), open_stores(settings).assets
    names, damaged = list(folder.all()), []
    columns = (TextColumn("{task.completed}/{task.total} files"), BarColumn())
    with Progress(*columns, TimeRemainingColumn()) as progress:
        for name in progress.track(names):
            try:
                with folder.open(name) as file:
                    blocks = iter(lambda file=file: file.read(BLOCK), b"")  # type: ignore[misc]
                    bucket.put(blocks, lambda stored, _, name=name: _same(stored, name))  # type: ignore[misc]
            except _Differs:
                damaged.append(name)
    for name in damaged:
        typer.echo(f"damaged, not copied: {name}", err=True)
    typer.echo(f"{len(names) - len(damaged)} files are in {settings.assets_url}")
    if damaged:
        raise typer.Exit(1)


def _same(stored: StoredAsset, name: str) -> None:
    if stored.sha256 != name:
        raise _Differs
