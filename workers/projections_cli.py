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
def rebuild(names: list[str]) -> None:
    """Build read models anew in one pass, beside the live ones, then switch."""
    try:
        projections = [projection_named(name) for name in names]
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from None
    settings = reachable(Settings.from_env())
    configure_logging(settings.log_level)
    position = rebuild_projections(settings.require_database(), projections)
    typer.echo(f"{', '.join(names)} rebuilt up to position {position}")
