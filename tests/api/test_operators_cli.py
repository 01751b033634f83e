"""`deadwax bulk`, `failures` and `dry-run` against a running API."""

from __future__ import annotations

import csv
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.api.caller import Caller, done
from tests.api.conftest import Projecting
from tests.api.server import Start
from typer.testing import CliRunner, Result

from deadwax.infrastructure.container import Container
from deadwax.workers.cli import app

Run = Callable[..., Result]


@pytest.fixture
def run(admin: Caller, start: Start, projecting: Projecting, tmp_path: Path) -> Iterator[Run]:
    """Runs a command with the admin's key."""
    (tmp_path / "key").write_text(admin.key + "\n")
    url = start().url

    def one(group: str, *arguments: str, code: int = 0) -> Result:
        options = ["--api", url, "--key-file", str(tmp_path / "key")]
        result = CliRunner().invoke(app, [group, *options, *arguments])
        assert result.exit_code == code, result.output
        return result

    with projecting():
        yield one


@pytest.fixture
def working(container: Container) -> Iterator[None]:
    """A worker that looks after every job there is."""
    stop = threading.Event()

    def work() -> None:
        while not stop.wait(0.05):
            with container.pool.connection() as connection:
                rows = connection.execute(
                    "SELECT stream_id FROM events WHERE type = 'bulk.planned'"
                ).fetchall()
            for (id,) in rows:
                container.bulk.advance(id, lambda: not stop.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


def test_a_bulk_job_from_plan_to_report(
    admin: Caller, run: Run, working: None, tmp_path: Path
) -> None:
    approved, draft = admin.approved()["id"], admin.draft()["id"]
    target = admin.target()["id"]
    (tmp_path / "releases").write_text(f"{approved}\n{draft}\n")
    selected = ["--releases", str(tmp_path / "releases"), "--target", target]
    planned = run(
        *("bulk", "distribute", "--reason", "All of it.", "--priority", "low", *selected),
        *("--wait", "--json"),
        code=1,
    )
    told = next(line for line in planned.stdout.splitlines() if line.startswith("{"))
    job = json.loads(told)["job"]  # the worker in this process logs to the same place
    assert (job["status"], job["would_do"], job["would_refuse"]) == ("checked", 1, 1)
    run("bulk", "start", job["bulk_id"])
    told = run("bulk", "status", job["bulk_id"], "--wait", code=1).stdout
    assert "carried out: 1 done, 0 so already, 1 refused" in told
    assert "1 x release_not_approved" in told
    run("bulk", "report", job["bulk_id"], "-o", str(tmp_path / "report.csv"))
    rows = list(csv.DictReader((tmp_path / "report.csv").open()))
    assert [(r["release_id"], r["result"]) for r in rows] == [
        (approved, "done"),
        (draft, "refused"),
    ]
    assert job["bulk_id"] in run("bulk", "status").stdout
    run("bulk", "stop", job["bulk_id"], "--reason", "Too late.", code=1)


def test_a_failure_is_found_assigned_and_overridden(admin: Caller, run: Run) -> None:
    item = admin.distribution()
    run("failures", "override", item["id"], "--status", "failed", "--reason", "They lost it.")
    at = done(admin.get("/system/projections"))["head"]
    done(admin.get("/failures", params={"after": at}))
    found = json.loads(run("failures", "list", "--unassigned", "--json").stdout)
    assert (found["distribution_id"], found["error_detail"]) == (item["id"], "They lost it.")
    assert "1 in all" in run("failures", "counts").stdout
    run("failures", "assign", item["id"], "--to", "ida@runout.example")
    assert run("failures", "retry", item["id"]).stdout == f"{item['id']}: queued\n"
    refused = run("failures", "redeliver", item["id"], "--reason", "x", code=1)
    assert "illegal" in refused.stderr or "cannot become" in refused.stderr


def test_a_dry_run_writes_the_messages(admin: Caller, run: Run, tmp_path: Path) -> None:
    release, target = admin.approved()["id"], admin.target()["id"]
    package = tmp_path / "package.zip"
    told = run("dry-run", "release", release, target, "--package", str(package)).stdout
    assert told.startswith("initial: 4 files")
    assert package.stat().st_size > 1000
    draft = admin.draft()["id"]
    told = run("dry-run", "release", draft, target, code=1).stdout
    assert "Submit it and have it approved first." in told


def test_without_a_key_nothing_is_tried(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        app, ["bulk", "--key-file", str(tmp_path / "none"), "--api", "http://127.0.0.1:1", "status"]
    )
    assert result.exit_code == 2
    assert "give a file that holds an API key" in result.stderr


def test_an_api_that_is_away_is_told(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("dwx_x")
    options = ["--key-file", str(tmp_path / "key"), "--api", "http://127.0.0.1:1"]
    result = CliRunner().invoke(app, ["failures", *options, "list"])
    assert result.exit_code == 2
    assert "cannot be reached" in result.stderr
