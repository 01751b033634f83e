"""`deadwax schedules` against a running API."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.api.caller import Caller, done
from tests.api.conftest import Projecting
from tests.api.server import Start
from typer.testing import CliRunner, Result

from deadwax.workers.cli import app

Run = Callable[..., Result]
WHY = ("--name", "A plan", "--reason", "So.")


@pytest.fixture
def run(admin: Caller, start: Start, projecting: Projecting, tmp_path: Path) -> Iterator[Run]:
    """Runs a command with the admin's key."""
    (tmp_path / "key").write_text(admin.key)
    url = start().url

    def one(*arguments: str, code: int = 0) -> Result:
        options = ["--api", url, "--key-file", str(tmp_path / "key")]
        result = CliRunner().invoke(app, ["schedules", *options, *arguments])
        assert result.exit_code == code, result.output
        return result

    with projecting():
        yield one


def test_a_schedule_is_made_changed_held_and_cancelled(run: Run) -> None:
    weekly = ("--every", "week", "--weekday", "friday", "--time", "02:30", "--zone", "UTC")
    made = json.loads(run("create", "update", *WHY, *weekly, "--json").stdout)
    id = made["id"]
    assert made["terms"]["recurring"]["weekdays"] == ["friday"]

    changed = run("change", id, '{"recurring": {"time": "04:30"}, "name": "Earlier"}').stdout
    assert f"{id}  active, next {made['next_at'][:10]}T04:30:00Z  Earlier" in changed
    assert "paused" in run("pause", id, "--reason", "A dispute.").stdout
    assert "active" in run("resume", id).stdout
    assert "cancelled" in run("cancel", id, "--reason", "Not after all.").stdout
    after = run("list", "--status", "cancelled").stdout
    assert after.splitlines() == [f"{id}  cancelled  Earlier"]
    assert run("runs", id).stdout == ""
    assert json.loads(run("show", id).stdout)["terms"]["name"] == "Earlier"


def test_what_is_refused_is_said_with_what_to_do(run: Run, admin: Caller) -> None:
    release, target = admin.approved(), admin.target()
    which = ("--release", release["id"], "--target", target["id"])

    said = run("create", "deliver", *WHY, *which, "--before-release", code=1).output
    assert "policy.lead_hours" in said
    said = run("create", "deliver", *WHY, *which, "--at", "2020-01-01T00:00:00Z", code=1).output
    assert "Give a time to come." in said
    run("change", release["id"], "no json", code=2)


def test_the_calendar_has_one_line_for_each_date(run: Run, admin: Caller) -> None:
    release, target = admin.approved(), admin.target()
    day = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    dated = {"deals": [release["metadata"]["deals"][0] | {"start": day}]}
    dates = {"release_date": day, "original_release_date": day}
    done(admin.patch(f"/releases/{release['id']}", dated | dates))
    which = ("--release", release["id"], "--target", target["id"])
    done_at = run("create", "deliver", *WHY, *which, "--before-release", "--lead-hours", "48")
    assert "active, next" in done_at.stdout
    head = done(admin.get("/system/projections"))["head"]
    done(admin.get("/calendar", params={"from": f"{day}T00:00:00Z", "to": f"{day}T00:00:01Z",
                                        "after": head}))  # fmt: skip

    [line] = run("calendar").stdout.splitlines()

    assert "on_time    Locked Groove on Sandbox DSP: There is time enough." in line
    assert run("warnings").stdout == ""
