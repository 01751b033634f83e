"""Read models, from the command line."""

from __future__ import annotations

import typer

from deadwax.infrastructure.settings import Settings
from deadwax.projections.registry import PROJECTIONS, projection_named
from deadwax.workers.keys_cli import reachable
from deadwax.workers.process import configure_logging
from deadwax.workers.projector import rebuild_projections

app = typer.Typer(no_args_is_help=True, help="Read models.")


@app.command("list")
def list_names() -> None:
    """The names of all read models."""
    for projection in PROJECTIONS:
        typer.echo(projection.name)


@app.command("rebuild")
def rebuild(name: str) -> None:
    """Build a read model anew beside the live one, then switch."""
    try:
        projection = projection_named(name)
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from None
    settings = reachable(Settings.from_env())
    configure_logging(settings.log_level)
    position = rebuild_projections(settings.require_database(), [projection])
    typer.echo(f"{name} rebuilt up to position {position}")
