"""Bulk jobs over HTTP: planned, checked, run, stopped, continued, reported."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.api.caller import Caller, done, refused
from tests.api.conftest import MakeTenant, Projecting

from deadwax.api.bodies import NewBulk
from deadwax.api.body import checked
from deadwax.domain.aggregate import Root
from deadwax.domain.bulk import BulkJob
from deadwax.domain.bulk_events import ItemsCarriedOut
from deadwax.domain.bulk_terms import BulkAction
from deadwax.domain.distribution import Distribution
from deadwax.domain.priority import Priority
from deadwax.infrastructure.container import Container

ORDER = {"action": "distribute", "reason": "The catalogue."}


@pytest.fixture(autouse=True)
def projected(projecting: Projecting) -> Iterator[None]:
    with projecting():
        yield


class Jobs:
    """What a label asks for, with a worker that works when it is told to."""

    def __init__(self, caller: Caller, container: Container) -> None:
        self.caller, self._container = caller, container
        self.at = 0

    def plan(self, order: dict[str, Any], run: bool = True, **selection: Any) -> dict[str, Any]:
        body = {"order": order, "selection": selection, "run_when_checked": run}
        return self._noted(done(self.caller.post(f"/bulk?after={self.at}", body)))

    def ask(self, id: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        return self._noted(done(self.caller.post(f"/bulk/{id}/{what}", body)))

    def work(self, id: str) -> None:
        while self._container.bulk.advance(UUID(id), lambda: True):
            pass
        with self._container.pool.connection() as connection:
            row = connection.execute("SELECT max(position) FROM events").fetchone()
        assert row
        self.at = row[0]

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        return done(self.caller.get(path, params={"after": self.at, **params}))

    def _noted(self, answer: dict[str, Any]) -> dict[str, Any]:
        self.at = max(self.at, answer["position"])
        return answer


@pytest.fixture
def jobs(admin: Caller, container: Container) -> Jobs:
    return Jobs(admin, container)


def test_releases_go_to_all_targets_and_what_cannot_be_is_named(jobs: Jobs) -> None:
    approved, draft = jobs.caller.approved()["id"], jobs.caller.draft()["id"]
    targets = [jobs.caller.target()["id"] for _ in range(2)]
    planned = jobs.plan(
        ORDER | {"priority": "low"},
        run=False,
        release_ids=[approved, draft, str(uuid4())],
        target_ids=targets,
    )
    assert (planned["status"], planned["items"]) == ("planned", 6)

    jobs.work(planned["id"])
    checked = jobs.get(f"/bulk/{planned['id']}")
    assert checked["job"]["status"] == "checked"
    assert checked["job"]["would_do"] == 2
    assert checked["job"]["expected_problems"] == {"release_not_approved": 2, "release_unknown": 2}
    assert {e["problem"]["code"] for e in checked["job"]["examples"]} == {
        "release_not_approved",
        "release_unknown",
    }
    assert jobs.get("/status-board")["items"] == []

    jobs.ask(planned["id"], "start")
    jobs.work(planned["id"])
    view = jobs.get(f"/bulk/{planned['id']}")
    assert view["job"]["status"] == "finished"
    assert (view["job"]["done"], view["job"]["refused"]) == (2, 4)
    assert view["distributions"] == {"created": 2}
    board = jobs.get("/status-board")["items"]
    assert {(r["release_id"], r["target_id"]) for r in board} == {(approved, t) for t in targets}
    assert {r["priority"] for r in board} == {"low"}

    again = jobs.plan(ORDER, release_ids=[approved], target_ids=targets)
    jobs.work(again["id"])
    assert jobs.get(f"/bulk/{again['id']}")["job"]["unchanged"] == 2
    assert [j["action"] for j in jobs.get("/bulk")["items"]] == ["distribute", "distribute"]


def test_a_filter_chooses_from_the_board_and_the_report_tells_each(jobs: Jobs) -> None:
    first, second = jobs.caller.distribution(), jobs.caller.distribution()
    title = {"title": '=HYPERLINK("http://evil.example")'}
    done(jobs.caller.patch(f"/releases/{first['release_id']}", title))
    suspended = done(
        jobs.caller.post(f"/distributions/{second['id']}/suspend", {"reason": "A dispute."})
    )
    jobs.at = suspended["position"]
    held = jobs.plan(
        {"action": "suspend", "reason": "Their maintenance."},
        target_ids=[first["target_id"], second["target_id"]],
    )
    jobs.work(held["id"])
    items = jobs.get(f"/bulk/{held['id']}/items")["items"]
    assert [(i["item"], i["result"], i["code"]) for i in items] == [
        (1, "done", None),
        (2, "refused", "illegal_transition"),
    ]
    wanted = {"result": "refused", "code": "illegal_transition"}
    assert len(jobs.get(f"/bulk/{held['id']}/items", **wanted)["items"]) == 1

    path = f"/bulk/{held['id']}/report"
    after = {"after": jobs.at}
    table = jobs.caller.get(path, params={"format": "csv", **after})
    assert table.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert rows[0]["title"] == '\'=HYPERLINK("http://evil.example")'
    assert [r["status"] for r in rows] == ["suspended", "suspended"]
    lines = jobs.caller.get(path, params={"format": "jsonl", **after}).text.splitlines()
    assert [json.loads(line)["result"] for line in lines] == ["done", "refused"]
    assert json.loads(lines[0])["title"] == title["title"]

    resumed = jobs.plan({"action": "resume", "reason": "It is over."}, statuses=["suspended"])
    assert resumed["items"] == 2
    jobs.work(resumed["id"])
    assert jobs.get(f"/bulk/{resumed['id']}")["distributions"] == {"validating": 2}


def test_a_job_is_stopped_and_goes_on_where_it_was(jobs: Jobs) -> None:
    release, target = jobs.caller.approved()["id"], jobs.caller.target()["id"]
    planned = jobs.plan(ORDER, release_ids=[release], target_ids=[target])
    stopped = jobs.ask(planned["id"], "stop", {"reason": "Wait."})
    assert (stopped["status"], stopped["allowed"]) == ("stopped", ["planned"])
    jobs.work(planned["id"])
    view = jobs.get(f"/bulk/{planned['id']}")
    assert (view["job"]["checked"], view["job"]["stop_reason"]) == (0, "Wait.")
    refused(jobs.caller.post(f"/bulk/{planned['id']}/start"), 409, "illegal_transition")
    jobs.ask(planned["id"], "continue")
    jobs.work(planned["id"])
    assert jobs.get(f"/bulk/{planned['id']}")["job"]["status"] == "finished"
    refused(jobs.caller.post(f"/bulk/{planned['id']}/continue"), 409, "illegal_transition")


def test_releases_are_chosen_by_label_and_date(jobs: Jobs) -> None:
    first, second = jobs.caller.approved(), jobs.caller.approved()
    later = done(jobs.caller.patch(f"/releases/{second['id']}", {"release_date": "2027-03-01"}))
    target, jobs.at = jobs.caller.target()["id"], later["position"]
    chosen = {"labels": ["Run-out Records"], "released_until": "2026-12-31"}
    planned = jobs.plan(ORDER, **chosen, target_ids=[target])
    jobs.work(planned["id"])
    items = jobs.get(f"/bulk/{planned['id']}/items")["items"]
    assert [(i["release_id"], i["result"]) for i in items] == [(first["id"], "done")]
    jobs.work(jobs.plan(ORDER, release_ids=[second["id"]], target_ids=[target])["id"])
    cancelled = jobs.plan({"action": "cancel", "reason": "Not now."}, released_from="2027-01-01")
    jobs.work(cancelled["id"])
    items = jobs.get(f"/bulk/{cancelled['id']}/items")["items"]
    assert [(i["release_id"], i["result"]) for i in items] == [(second["id"], "done")]
    high = jobs.plan(ORDER | {"priority": "high"}, release_ids=[second["id"]], target_ids=[target])
    jobs.work(high["id"])
    board = jobs.get("/status-board", release_id=second["id"])["items"]
    assert [(r["status"], r["priority"]) for r in board] == [("validating", "high")]


def test_workers_and_people_at_once_do_each_item_once(jobs: Jobs, container: Container) -> None:
    """Three workers at one job, while its distributions change under their hands."""
    release = jobs.caller.approved()["id"]
    targets = [jobs.caller.target()["id"] for _ in range(40)]
    jobs.work(jobs.plan(ORDER, release_ids=[release], target_ids=targets)["id"])
    planned = jobs.plan(
        {"action": "prioritise", "reason": "x", "priority": "high"}, target_ids=targets
    )
    ids = [i["distribution_id"] for i in jobs.get("/status-board", limit=200)["items"]]
    id = UUID(planned["id"])

    def work() -> None:
        while container.bulk.advance(id, lambda: True) or job().status != "finished":
            pass

    def job() -> BulkJob:
        found = container.catalogue.find(BulkJob, id)
        assert found
        return found

    def disturb() -> None:
        for one in ids:
            jobs.caller.post(f"/distributions/{one}/suspend", {"reason": "Disturbed."})

    with ThreadPoolExecutor(4) as threads:
        for future in [*(threads.submit(work) for _ in range(3)), threads.submit(disturb)]:
            future.result(timeout=60)
    with container.pool.connection() as connection:
        rows = connection.execute(
            "SELECT stream_id FROM events WHERE type = 'distribution.prioritised'"
        ).fetchall()
    assert sorted(str(id) for (id,) in rows) == sorted(ids)
    bits = [e for e in container.log.load(id) if isinstance(e, ItemsCarriedOut)]
    assert sum(bit.tally["done"] for bit in bits) == len(ids)


@pytest.mark.parametrize(
    ("order", "selection", "code"),
    [
        (ORDER, {}, "targets_missing"),
        (ORDER, {"target_ids": [str(uuid4())]}, "releases_unclear"),
        (
            ORDER,
            {
                "target_ids": [str(uuid4())],
                "release_ids": [str(uuid4())],
                "labels": ["Run-out Records"],
            },
            "releases_unclear",
        ),
        (
            ORDER,
            {"target_ids": [str(uuid4())], "statuses": ["live"]},
            "selection_not_of_action",
        ),
        ({"action": "retry", "reason": "Fixed."}, {}, "selection_missing"),
        ({"action": "retry", "reason": "Fixed."}, {"statuses": ["failed"]}, "selection_empty"),
        (
            {"action": "takedown", "reason": "Over.", "effective": "2020-01-01"},
            {"statuses": ["live"]},
            "takedown_in_the_past",
        ),
    ],
)
def test_a_selection_that_means_nothing_is_refused(
    jobs: Jobs, order: dict[str, Any], selection: dict[str, Any], code: str
) -> None:
    body = refused(
        jobs.caller.post("/bulk", {"order": order, "selection": selection}), 422, "has_problems"
    )
    assert [e["code"] for e in body["errors"]] == [code]


@pytest.mark.parametrize(
    ("order", "code"),
    [
        ({"action": "retry", "reason": "x", "priority": "high"}, "option_not_of_action"),
        ({"action": "prioritise", "reason": "x"}, "option_missing"),
        ({"action": "assign", "reason": "x"}, "option_missing"),
        (ORDER | {"not_before": "2031-05-01T12:00:00"}, "time_without_zone"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(
    admin: Caller, order: dict[str, Any], code: str
) -> None:
    body = refused(
        admin.post("/bulk", {"order": order, "selection": {"statuses": ["live"]}}),
        422,
        "invalid_request",
    )
    assert code in [e["code"] for e in body["errors"]]


def test_another_tenants_distributions_are_not_reached(
    make_tenant: MakeTenant, container: Container
) -> None:
    mine, other = Jobs(make_tenant(), container), make_tenant()
    theirs = other.distribution()
    planned = mine.plan(ORDER, release_ids=[theirs["release_id"]], target_ids=[theirs["target_id"]])
    mine.work(planned["id"])
    view = mine.get(f"/bulk/{planned['id']}")
    assert view["job"]["problems"] == {"release_unknown": 1}
    for response in (
        other.get(f"/bulk/{planned['id']}"),
        other.get(f"/bulk/{planned['id']}/items"),
        other.get(f"/bulk/{planned['id']}/report?format=csv"),
        other.post(f"/bulk/{planned['id']}/start"),
        other.post(f"/bulk/{planned['id']}/stop", {"reason": "x"}),
        other.post(f"/bulk/{planned['id']}/continue"),
    ):
        refused(response, 404, "not_found")
    refused(
        mine.caller.post(
            f"/bulk?after={mine.at}",
            {
                "order": {"action": "cancel", "reason": "x"},
                "selection": {"release_ids": [theirs["release_id"]]},
            },
        ),
        422,
        "has_problems",
    )


def test_a_bit_that_somebody_disturbs_is_tried_with_fewer_items(
    jobs: Jobs, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is stored in bits of more than two items comes too late."""
    release = jobs.caller.approved()["id"]
    targets = [jobs.caller.target()["id"] for _ in range(9)]
    jobs.work(jobs.plan(ORDER, release_ids=[release], target_ids=targets)["id"])
    planned = jobs.plan({"action": "suspend", "reason": "A dispute."}, release_ids=[release])
    save = container.catalogue.save

    def too_late(*roots: Root) -> int:
        mine = [root for root in roots if isinstance(root, Distribution)]
        if len(mine) > 2:
            other = mine[len(mine) // 2].id
            found = container.catalogue.get(Distribution, other)
            found.prioritise(Priority.LOW if found.priority is Priority.HIGH else Priority.HIGH)
            save(found)
        return save(*roots)

    monkeypatch.setattr(container.catalogue, "save", too_late)
    jobs.work(planned["id"])
    bits = [e for e in container.log.load(UUID(planned["id"])) if isinstance(e, ItemsCarriedOut)]
    assert sum(bit.count for bit in bits) == 9
    assert max(bit.count for bit in bits) <= 2
    assert jobs.get(f"/bulk/{planned['id']}")["distributions"] == {"suspended": 9}


def test_the_page_about_bulk_jobs_shows_what_is_taken() -> None:
    page = (Path(__file__).parents[2] / "docs" / "bulk.md").read_text()
    (body,) = re.findall(r"-d '(\{.*?\})'", page, re.DOTALL)
    assert checked(NewBulk, body.encode()).order.action is BulkAction.DISTRIBUTE
    assert [a for a in BulkAction if f"`{a}`" not in page] == []
