"""`deadwax failures`: what went wrong, and what operators do about it, by the API."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import typer

from deadwax.domain.failures import FailureCategory
from deadwax.domain.states import STATED_BY_PEOPLE, Status
from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(
    no_args_is_help=True,
    callback=remember,
    help="What went wrong and is not overcome. Many at once: deadwax bulk retry --category ...",
)

Ids = Annotated[list[UUID], typer.Argument(help="Distributions.")]
Why = Annotated[str, typer.Option(help="Why, for the audit trail.")]


@app.command("list")
def list_failures(
    context: typer.Context,
    category: Annotated[FailureCategory | None, typer.Option(help="That failed so.")] = None,
    status: Annotated[Status | None, typer.Option(help="With this status.")] = None,
    target: Annotated[UUID | None, typer.Option(help="On this target.")] = None,
    release: Annotated[UUID | None, typer.Option(help="Of this release.")] = None,
    assignee: Annotated[str | None, typer.Option(help="That they look after.")] = None,
    unassigned: Annotated[
        bool, typer.Option("--unassigned", help="That nobody looks after.")
    ] = False,
    since: Annotated[str | None, typer.Option(help="Failing from this time on.")] = None,
    until: Annotated[str | None, typer.Option(help="Failing since before this time.")] = None,
    as_json: AsJson = False,
) -> None:
    """One line for each distribution that fails, with advice."""
    asked = {
        "category": category,
        "status": status,
        "target_id": target,
        "release_id": release,
        "assignee": assignee,
        "unassigned": "true" if unassigned else None,
        "since": since,
        "until": until,
    }
    query = urlencode({name: str(value) for name, value in asked.items() if value})
    with told():
        for item in client(context).pages(f"/failures?{query}"):
            show(item, as_json, _text(item))


@app.command()
def counts(context: typer.Context, as_json: AsJson = False) -> None:
    """How many fail, by category."""
    with told():
        answer = client(context).get("/failures/counts")
        lines = [f"{n:6} {category}" for category, n in answer["categories"].items()]
        show(answer, as_json, "\n".join([*lines, f"{answer['total']:6} in all"]))


@app.command()
def retry(context: typer.Context, ids: Ids) -> None:
    """Try again after a fix."""
    _each(context, ids, "retry", {})


@app.command()
def redeliver(context: typer.Context, ids: Ids, reason: Why) -> None:
    """Send everything again, with all files, also if nothing changed."""
    _each(context, ids, "redeliver", {"reason": reason})


@app.command()
def assign(
    context: typer.Context,
    ids: Ids,
    to: Annotated[str | None, typer.Option(help="Who looks after it; nobody if not given.")] = None,
    note: Annotated[str | None, typer.Option(help="What they should know.")] = None,
) -> None:
    """Have somebody look after it."""
    _each(context, ids, "assignment", {"assignee": to} | ({"note": note} if note else {}))


@app.command()
def override(
    context: typer.Context,
    ids: Ids,
    status: Annotated[Status, typer.Option(help=f"One of {', '.join(sorted(STATED_BY_PEOPLE))}.")],
    reason: Annotated[str, typer.Option(help="How that is known.")],
) -> None:
    """Say where it stands, having asked the platform."""
    _each(context, ids, "override", {"status": status.value, "reason": reason})


def _each(context: typer.Context, ids: list[UUID], what: str, body: dict[str, Any]) -> None:
    for id in ids:
        with told():
            answer = client(context).post(f"/distributions/{id}/{what}", body)
            typer.echo(f"{id}: {answer['status']}")


def _text(item: dict[str, Any]) -> str:
    who = f", {item['assignee']}" if item["assignee"] else ""
    return (
        f"{item['distribution_id']} {item['status']} on {item['platform']} since"
        f" {item['failing_since']}{who}\n"
        f"  {item['error_category']}: {item['error_detail']}\n  {item['advice']}"
    )
