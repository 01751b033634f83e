"""`deadwax reports`: status files of platforms, tried and brought, by the API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from deadwax.infrastructure.reports.files import XLSX
from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(
    no_args_is_help=True, callback=remember, help="What platforms report, in files and otherwise."
)

_TYPES = {".csv": "text/csv", ".json": "application/json", ".xlsx": XLSX}

File = Annotated[Path, typer.Argument(help="CSV, XLSX or JSON.", exists=True, dir_okay=False)]
Target = Annotated[UUID, typer.Option(help="The target whose platform reports.")]


@app.command("try")
def rehearse(context: typer.Context, file: File, target: Target, as_json: AsJson = False) -> None:
    """Say what a status file would do. Exit code 1 if nobody could place some of it."""
    with told():
        path = f"/targets/{target}/reports/rehearsal"
        found = client(context).send(path, file.read_bytes(), _type_of(file), {})
    for done in found["applied"]:
        text = f"{done['distribution_id']}  {done['outcome']}  {done['status']}"
        show(done, as_json, text)
    for problem in found["problems"]:
        show(problem, as_json, _told(problem))
    raise typer.Exit(1 if found["problems"] else 0)


@app.command()
def bring(context: typer.Context, file: File, target: Target, as_json: AsJson = False) -> None:
    """Have a worker read and apply a status file."""
    with told():
        path, name = f"/targets/{target}/reports", {"name": file.name}
        taken = client(context).send(path, file.read_bytes(), _type_of(file), name)
    show(taken, as_json, f"{taken['id']}  {'came before' if taken['repeated'] else 'taken'}")


@app.command("list")
def list_reports(context: typer.Context, target: Target, as_json: AsJson = False) -> None:
    """What came by webhook, mail and file, and what of it nobody could place."""
    with told():
        for row in client(context).pages(f"/targets/{target}/reports"):
            lines = [
                f"{row['received_at']}  {row['channel']:<8}  {row['status']:<9}"
                f"  {row['applied']} applied  {row['name']}",
                *(f"  {_told(problem)}" for problem in row["problems"]),
            ]
            show(row, as_json, "\n".join(lines))


def _type_of(file: Path) -> str:
    kind = _TYPES.get(file.suffix.lower())
    if kind is None:
        raise typer.BadParameter(f"{file.name} is none of {', '.join(_TYPES)}.")
    return kind


def _told(problem: dict[str, Any]) -> str:
    at = f"{problem['field']}: " if problem["field"] else ""
    return f"{at}{problem['message']} {problem['fix']}"
