"""`deadwax targets`: hold a target back, let it go on, and see how it is, by the API."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import typer

from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(no_args_is_help=True, callback=remember, help="What flows to delivery targets.")

Target = Annotated[UUID, typer.Argument(help="The target.")]


@app.command()
def pause(
    context: typer.Context,
    target: Target,
    reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
    until: Annotated[
        str | None, typer.Option(help="A time with an offset; until resumed if not given.")
    ] = None,
) -> None:
    """Begin nothing new for it, no takedown either."""
    body = {"reason": reason} | ({"until": until} if until else {})
    with told():
        client(context).post(f"/targets/{target}/pause", body)
    typer.echo(f"{target}: paused")


@app.command()
def resume(context: typer.Context, target: Target) -> None:
    """Go on with what waited."""
    with told():
        client(context).post(f"/targets/{target}/resume", {})
    typer.echo(f"{target}: resumed")


@app.command()
def health(context: typer.Context, target: Target, as_json: AsJson = False) -> None:
    """Pause, windows, breaker, what waits and for what. Exit code 1: nothing may be sent now."""
    with told():
        found = client(context).get(f"/targets/{target}/health")
    show(found, as_json, _text(found))
    if found["paused"] or found["breaker"] == "open":
        raise typer.Exit(1)


def _text(found: dict[str, Any]) -> str:
    lines = [f"{name}: {value}" for name, value in found.items() if value not in (None, {})]
    return "\n".join(lines)
