"""`deadwax bulk`: one action on many distributions, by the API."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from deadwax.domain.bulk_terms import BulkAction
from deadwax.domain.failures import FailureCategory
from deadwax.domain.priority import Priority
from deadwax.domain.states import Status
from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(
    no_args_is_help=True,
    callback=remember,
    help="One action on many distributions: planned, checked, carried out, reported.",
)

Job = Annotated[UUID, typer.Argument(help="The bulk job.")]
Wait = Annotated[bool, typer.Option("--wait", help="Stay until it ends or is checked.")]
_ENDS = {"checked", "stopped", "finished"}


def _command(action: BulkAction) -> Callable[..., None]:
    def plan(
        context: typer.Context,
        reason: Annotated[str, typer.Option(help="Why, for the audit trail.")],
        release: Annotated[list[UUID] | None, typer.Option(help="A release; repeat it.")] = None,
        releases: Annotated[
            Path | None,
            typer.Option(help="A file with a release id in each line; - for standard input."),
        ] = None,
        target: Annotated[list[UUID] | None, typer.Option(help="A target; repeat it.")] = None,
        label: Annotated[list[str] | None, typer.Option(help="Releases of a label.")] = None,
        released_from: Annotated[str | None, typer.Option(help="Released on or after.")] = None,
        released_until: Annotated[str | None, typer.Option(help="Released on or before.")] = None,
        status: Annotated[list[Status] | None, typer.Option(help="With this status.")] = None,
        category: Annotated[
            list[FailureCategory] | None, typer.Option(help="That failed so.")
        ] = None,
        looked_after_by: Annotated[str | None, typer.Option(help="Assigned to them.")] = None,
        not_before: Annotated[str | None, typer.Option(help="Deliver from then on.")] = None,
        effective: Annotated[str | None, typer.Option(help="Take down from then on.")] = None,
        priority: Annotated[Priority | None, typer.Option(help="Among what waits.")] = None,
        assignee: Annotated[str | None, typer.Option(help="Who is to look after it.")] = None,
        run: Annotated[
            bool, typer.Option("--run", help="Carry it out as soon as it is checked.")
        ] = False,
        wait: Wait = False,
        as_json: AsJson = False,
    ) -> None:
        options = {
            "not_before": not_before,
            "effective": effective,
            "priority": priority,
            "assignee": assignee,
        }
        selection = {
            "release_ids": [str(id) for id in [*(release or ()), *_listed(releases)]],
            "target_ids": [str(id) for id in target or ()],
            "labels": label,
            "released_from": released_from,
            "released_until": released_until,
            "statuses": status,
            "categories": category,
            "assignee": looked_after_by,
        }
        body = {
            "order": {"action": action.value, "reason": reason, **_given(options)},
            "selection": _given(selection),
            "run_when_checked": run,
        }
        with told():
            job = client(context).post("/bulk", body)
            if wait:
                _wait(context, job["id"], as_json)
            else:
                show(job, as_json, f"{job['id']}: {job['status']}, {job['items']} items")

    plan.__doc__ = f"Plan a bulk job: {action.value}. Nothing is carried out without --run."
    return plan


for _action in BulkAction:
    app.command(_action.value)(_command(_action))


@app.command()
def status(
    context: typer.Context,
    job: Annotated[UUID | None, typer.Argument(help="The job; all jobs if not given.")] = None,
    wait: Wait = False,
    as_json: AsJson = False,
) -> None:
    """How far it is, what the check found, what came of it. Exit code 1: something was refused."""
    with told():
        if job is None:
            for one in client(context).pages("/bulk"):
                show(one, as_json, _line(one))
        elif wait:
            _wait(context, str(job), as_json)
        else:
            view = client(context).get(f"/bulk/{job}")
            show(view, as_json, _text(view))


@app.command()
def start(context: typer.Context, job: Job) -> None:
    """Carry out what was checked."""
    _ask(context, job, "start", {})


@app.command()
def stop(
    context: typer.Context, job: Job, reason: Annotated[str, typer.Option(help="Why.")]
) -> None:
    """Leave the rest as it is until it is continued."""
    _ask(context, job, "stop", {"reason": reason})


@app.command("continue")
def go_on(context: typer.Context, job: Job) -> None:
    """Go on where it was stopped."""
    _ask(context, job, "continue", {})


@app.command()
def report(
    context: typer.Context,
    job: Job,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .csv or .jsonl file.")],
) -> None:
    """Write what became of each item into a file."""
    kind = output.suffix.removeprefix(".")
    if kind not in ("csv", "jsonl"):
        raise typer.BadParameter("Name a file that ends with .csv or .jsonl.")
    with told():
        client(context).download(f"/bulk/{job}/report", {"format": kind}, output)


def _ask(context: typer.Context, job: UUID, what: str, body: dict[str, Any]) -> None:
    with told():
        answer = client(context).post(f"/bulk/{job}/{what}", body)
        typer.echo(f"{answer['id']}: {answer['status']}", err=True)


def _wait(context: typer.Context, job: str, as_json: bool) -> None:
    """Progress on stderr; the end on stdout, with exit code 1 if anything was refused."""
    while True:
        view = client(context).get(f"/bulk/{job}")
        one = view["job"]
        if one["status"] in _ENDS and not (one["status"] == "checked" and one["run_when_checked"]):
            break
        typer.echo(_line(one), err=True)
        time.sleep(1)
    show(view, as_json, _text(view))
    raise typer.Exit(1 if one["refused"] or one["would_refuse"] else 0)


def _line(job: dict[str, Any]) -> str:
    done = job["processed"] if job["started_at"] else job["checked"]
    rate = f", {job['rate']:g}/s" if job["rate"] else ""
    ends = f", done at {job['estimated_completion']}" if job["estimated_completion"] else ""
    return f"{job['bulk_id']}: {job['action']}, {job['status']} {done}/{job['items']}{rate}{ends}"


def _text(view: dict[str, Any]) -> str:
    job = view["job"]
    lines = [
        _line(job),
        f"  check: {job['would_do']} to do, {job['would_not_change']} so already,"
        f" {job['would_refuse']} refused",
        f"  carried out: {job['done']} done, {job['unchanged']} so already,"
        f" {job['refused']} refused",
    ]
    problems = job["problems"] or job["expected_problems"]
    lines += [f"  {n} x {code}" for code, n in problems.items()]
    lines += [f"  now {status}: {n}" for status, n in view["distributions"].items()]
    return "\n".join(lines)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _listed(file: Path | None) -> list[UUID]:
    if file is None:
        return []
    text = sys.stdin.read() if str(file) == "-" else file.read_text()
    try:
        return [UUID(line) for line in text.split()]
    except ValueError:
        raise typer.BadParameter("--releases needs one release id in each line.") from None
