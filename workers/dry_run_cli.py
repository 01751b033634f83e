"""`deadwax dry-run`: what would be sent, to the byte, by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from deadwax.application.dry_run import Wanted
from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(
    no_args_is_help=True,
    callback=remember,
    help="What would be sent, without storing or sending anything.",
)

Package = Annotated[
    Path | None, typer.Option("--package", help="Write the messages into this ZIP file, too.")
]


@app.command()
def release(
    context: typer.Context,
    release: UUID,
    target: UUID,
    package: Package = None,
    as_json: AsJson = False,
) -> None:
    """What distributing a release to a target would send. Exit code 1: something is in the way."""
    path = f"/releases/{release}/dry-run"
    _try(context, path, {"target_id": str(target)}, package, as_json)


@app.command()
def distribution(
    context: typer.Context,
    distribution: UUID,
    wanted: Annotated[Wanted, typer.Option(help="What is tried.")] = Wanted.NEXT,
    package: Package = None,
    as_json: AsJson = False,
) -> None:
    """What would be sent next, or by an update, a redelivery or a takedown."""
    path = f"/distributions/{distribution}/dry-run"
    _try(context, path, {"wanted": wanted.value}, package, as_json)


def _try(
    context: typer.Context,
    path: str,
    params: dict[str, str],
    package: Path | None,
    as_json: bool,
) -> None:
    with told():
        run = client(context).get(path, params)
        show(run, as_json, _text(run))
        if run["problems"]:
            raise typer.Exit(1)
        if package:
            client(context).download(f"{path}/package", params, package)


def _text(run: dict[str, Any]) -> str:
    if not (run["would_be_sent"] or run["problems"]):
        return f"{run['kind']}: nothing would be sent, for nothing changed"
    lines = [f"{run['kind']}: {len(run['files'])} files, {run['bytes']} bytes"]
    lines += [f"  problem: {p['field']}: {p['message']} {p['fix']}" for p in run["problems"]]
    lines += [f"  {f['sha256'][:12]} {f['size']:>12} {f['path']}" for f in run["files"]]
    if run["compared_with"]:
        lines.append(f"against {run['compared_with']}:")
        lines += [f"  {r['state']:8} {r['uri']}" for r in run["resources"]]
        lines += [f"  {c['field']}: {c.get('before')} -> {c.get('after')}" for c in run["changes"]]
    return "\n".join(lines)
