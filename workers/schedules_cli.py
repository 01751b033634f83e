"""`deadwax schedules`: what is done at a time, and which release dates are kept, by the API."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

import typer

from deadwax.domain.recurrence import Every
from deadwax.domain.release_planning import Punctuality, words_of
from deadwax.domain.schedule import ScheduleStatus
from deadwax.domain.schedule_terms import Action
from deadwax.domain.transfer_times import Weekday
from deadwax.workers.api_cli import AsJson, client, remember, show, told

app = typer.Typer(
    no_args_is_help=True,
    callback=remember,
    help="What is done at a time, once or again and again; the release calendar.",
)

Id = Annotated[UUID, typer.Argument(help="The schedule.")]
Why = Annotated[str, typer.Option(help="Why, for the audit trail.")]


@app.command()
def create(
    context: typer.Context,
    action: Action,
    name: Annotated[str, typer.Option(help="What it is called.")],
    reason: Why,
    release: Annotated[list[UUID] | None, typer.Option(help="Of this release; repeatable.")] = None,
    target: Annotated[list[UUID] | None, typer.Option(help="On this target; repeatable.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="Of this label; repeatable.")] = None,
    at: Annotated[
        str | None, typer.Option(help="Once: 2026-12-01T09:00:00 with --zone, or with Z.")
    ] = None,
    before_release: Annotated[
        bool, typer.Option("--before-release", help="Planned back from the release date.")
    ] = False,
    lead_hours: Annotated[int | None, typer.Option(help="Instead of the targets' own.")] = None,
    spare_hours: Annotated[int, typer.Option(help="Sent so long before it must be.")] = 24,
    every: Annotated[Every | None, typer.Option(help="Again and again.")] = None,
    time: Annotated[str | None, typer.Option(help="With --every: HH:MM.")] = None,
    weekday: Annotated[list[Weekday] | None, typer.Option(help="With --every week.")] = None,
    day: Annotated[int | None, typer.Option(help="With --every month: 1 to 31.")] = None,
    zone: Annotated[str | None, typer.Option(help="Whose clocks count: Europe/Berlin.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a schedule, and show when it comes first."""
    recurring = {"every": every, "time": time, "weekdays": weekday, "day": day, "zone": zone}
    planned_back = {"lead_hours": lead_hours, "spare_hours": spare_hours, "zone": zone}
    terms: dict[str, Any] = {
        "name": name,
        "action": action.value,
        "reason": reason,
        "releases": [str(id) for id in release or ()],
        "targets": [str(id) for id in target or ()],
        "labels": label or [],
        "at": _given({"time": at, "zone": zone}) if at else None,
        "before_release": _given(planned_back) if before_release else None,
        "recurring": _given(recurring) if every else None,
    }
    with told():
        made = client(context).post("/schedules", _given(terms))
        show(made, as_json, _text(made))


@app.command("list")
def list_schedules(
    context: typer.Context,
    status: Annotated[ScheduleStatus | None, typer.Option(help="With this status.")] = None,
    action: Annotated[Action | None, typer.Option(help="That do this.")] = None,
    as_json: AsJson = False,
) -> None:
    """One line for each schedule."""
    query = urlencode(_given({"status": status, "action": action}))
    with told():
        for row in client(context).pages(f"/schedules?{query}"):
            show(row, as_json, _text(row | {"id": row["schedule_id"]}))


@app.command("show")
def show_schedule(context: typer.Context, id: Id) -> None:
    """All of a schedule, as JSON."""
    with told():
        typer.echo(json.dumps(client(context).get(f"/schedules/{id}"), indent=2))


@app.command()
def runs(context: typer.Context, id: Id, as_json: AsJson = False) -> None:
    """Each time that it fired, the last first."""
    with told():
        for run in client(context).get(f"/schedules/{id}/runs")["items"]:
            missed = f", {run['missed']} missed" if run["missed"] else ""
            text = (
                f"{run['number']:4} due {run['due_at']}: {run['changed']} changed,"
                f" {run['refused']} refused{missed}"
            )
            show(run, as_json, text)


@app.command()
def change(
    context: typer.Context,
    id: Id,
    patch: Annotated[str, typer.Argument(help="JSON: null takes a field away.")],
    as_json: AsJson = False,
) -> None:
    """Change some of its terms, by a JSON merge patch."""
    try:
        document = json.loads(patch)
    except ValueError:
        raise typer.BadParameter("That is no JSON.") from None
    with told():
        changed = client(context).patch(f"/schedules/{id}", document)
        show(changed, as_json, _text(changed))


@app.command()
def pause(context: typer.Context, id: Id, reason: Why) -> None:
    """Hold it until it is resumed."""
    _do(context, id, "pause", {"reason": reason})


@app.command()
def resume(context: typer.Context, id: Id) -> None:
    """Go on with what was paused."""
    _do(context, id, "resume", {})


@app.command()
def cancel(context: typer.Context, id: Id, reason: Why) -> None:
    """Nothing more comes of it."""
    _do(context, id, "cancel", {"reason": reason})


@app.command()
def calendar(
    context: typer.Context,
    begin: Annotated[str | None, typer.Option("--from", help="With an offset; now.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="In 30 days if not given.")] = None,
    as_json: AsJson = False,
) -> None:
    """What is out when on which target, and whether the platforms have it in time."""
    now = datetime.now(UTC)
    asked = {
        "from": begin or now.isoformat(),
        "to": end or (now + timedelta(days=30)).isoformat(),
    }
    with told():
        for entry in client(context).get("/calendar", asked)["items"]:
            show(entry, as_json, _dated(entry, f"{entry['title']} on {entry['platform']}"))


@app.command()
def warnings(
    context: typer.Context,
    state: Annotated[Punctuality | None, typer.Option(help="In this state.")] = None,
    as_json: AsJson = False,
) -> None:
    """What may come too late: one line for each."""
    query = urlencode(_given({"state": state}))
    with told():
        for row in client(context).pages(f"/warnings?{query}"):
            what = f"release {row['release_id']} on target {row['target_id']}"
            show(row, as_json, _dated(row, what))


def _do(context: typer.Context, id: UUID, what: str, body: dict[str, Any]) -> None:
    with told():
        typer.echo(_text(client(context).post(f"/schedules/{id}/{what}", body)))


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, [])}


def _text(schedule: dict[str, Any]) -> str:
    name = schedule.get("name") or schedule["terms"]["name"]
    following = f", next {schedule['next_at']}" if schedule["next_at"] else ""
    return f"{schedule['id']}  {schedule['status']}{following}  {name}"


def _dated(row: dict[str, Any], what: str) -> str:
    return f"{row['out']}  {row['state']:9}  {what}: {words_of(row['why'])}"
