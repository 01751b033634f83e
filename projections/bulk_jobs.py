"""Bulk jobs, how far they are, and what became of each of their items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection, Cursor

from deadwax.application.log import Recorded
from deadwax.domain import bulk_events as b
from deadwax.domain.bulk_terms import Result
from deadwax.domain.identifiers import distribution_id
from deadwax.projections import pages
from deadwax.projections.base import Fold, Projection
from deadwax.projections.pages import Page
from deadwax.projections.table import Table

_EXAMPLES = 20


@dataclass(slots=True, kw_only=True)
class BulkRow:
    """A bulk job: one action on many distributions."""

    tenant_id: Annotated[UUID, "Tenant."]
    bulk_id: Annotated[UUID, "Bulk job."]
    action: Annotated[str, "What is done to each distribution: distribute, update, retry, ..."]
    order: Annotated[dict[str, Any], "The action with its reason and options."]
    selection: Annotated[dict[str, Any], "How its items were chosen."]
    plan_sha256: Annotated[str, "SHA-256 of the plan, which is kept in the asset store."]
    run_when_checked: Annotated[bool, "Whether it runs by itself once it is checked."]
    status: Annotated[str, "planned, checking, checked, running, stopped or finished."]
    items: Annotated[int, "Distributions that it is about."]
    checked: Annotated[int, "How many were checked."] = 0
    would_do: Annotated[int, "Checked: how many would be changed."] = 0
    would_not_change: Annotated[int, "Checked: how many are so already."] = 0
    would_refuse: Annotated[int, "Checked: how many would be refused."] = 0
    expected_problems: Annotated[dict[str, Any], "Checked: how many refused, by problem code."]
    examples: Annotated[list[dict[str, Any]], "Checked: the first that would be refused, and why."]
    processed: Annotated[int, "How many were carried out, whatever came of it."] = 0
    done: Annotated[int, "How many were changed."] = 0
    unchanged: Annotated[int, "How many were so already."] = 0
    refused: Annotated[int, "How many were refused."] = 0
    problems: Annotated[dict[str, Any], "How many were refused, by problem code."]
    stop_reason: Annotated[str | None, "Why it was stopped last."] = None
    planned_by: Annotated[str, "key:<id> of the API key that asked for it."]
    planned_at: Annotated[datetime, "When it was asked for."]
    checked_at: Annotated[datetime | None, "When the check ended."] = None
    started_at: Annotated[datetime | None, "When it first ran."] = None
    running_since: Annotated[datetime | None, "Since when it runs without a stop."] = None
    processed_before: Annotated[int, "How many were carried out before that."] = 0
    finished_at: Annotated[datetime | None, "When the last item was carried out."] = None
    version: Annotated[int, "Number of its last event."]
    updated_at: Annotated[datetime, "When it last changed."]
    planned_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


@dataclass(slots=True, kw_only=True)
class BulkItem:
    """What became of one item of a bulk job."""

    tenant_id: Annotated[UUID, "Tenant."]
    bulk_id: Annotated[UUID, "Bulk job."]
    item: Annotated[int, "Number of the item in the plan, from 1."]
    release_id: Annotated[UUID, "Release."]
    target_id: Annotated[UUID, "Delivery target."]
    distribution_id: Annotated[UUID, "Distribution of the one on the other, if there is one."]
    result: Annotated[str, "done, unchanged or refused."]
    code: Annotated[str | None, "Code of the problem for which it was refused."] = None
    message: Annotated[str | None, "That problem in words."] = None
    fix: Annotated[str | None, "What to do about it."] = None
    position: Annotated[int, "Log position at which it was carried out."]


BULK_JOBS = Table(
    "bulk_jobs",
    BulkRow,
    key=("tenant_id", "bulk_id"),
    indexes=(
        "(tenant_id, planned_position)",
        "(updated_at) WHERE status IN ('planned', 'checking', 'running')",
    ),
)
BULK_ITEMS = Table(
    "bulk_items",
    BulkItem,
    key=("tenant_id", "bulk_id", "item"),
    indexes=("(tenant_id, distribution_id)",),
)


def _moved(row: BulkRow, event: Recorded) -> None:
    row.status = event.data["status"]


def _runs(row: BulkRow, event: Recorded) -> None:
    _moved(row, event)
    if row.status == b.BulkStatus.RUNNING:
        row.started_at = row.started_at or event.recorded_at
        row.running_since, row.processed_before = event.recorded_at, row.processed


def _stopped(row: BulkRow, event: Recorded) -> None:
    _moved(row, event)
    row.stop_reason, row.running_since = event.data["reason"], None


def _checked(row: BulkRow, event: Recorded) -> None:
    _moved(row, event)
    data, tally = event.data, event.data["tally"]
    row.checked = data["first"] + data["count"]
    row.would_do += tally["done"]
    row.would_not_change += tally["unchanged"]
    row.would_refuse += sum(tally["refused"].values())
    row.expected_problems = _added(row.expected_problems, tally["refused"])
    row.examples = [*row.examples, *data["examples"]][:_EXAMPLES]
    if row.status == b.BulkStatus.CHECKED:
        row.checked_at = event.recorded_at


def _carried_out(row: BulkRow, event: Recorded) -> None:
    _moved(row, event)
    tally = event.data["tally"]
    row.processed = event.data["first"] + event.data["count"]
    row.done += tally["done"]
    row.unchanged += tally["unchanged"]
    row.refused += sum(tally["refused"].values())
    row.problems = _added(row.problems, tally["refused"])
    if row.status == b.BulkStatus.FINISHED:
        row.finished_at = event.recorded_at


def _added(one: dict[str, int], other: dict[str, int]) -> dict[str, int]:
    return dict(Counter(one) + Counter(other))


class BulkJobs(Fold[BulkRow]):
    """Follows the bulk jobs of all tenants."""

    name = "bulk_jobs"
    follows = "bulk."
    tables = (BULK_JOBS,)
    table = BULK_JOBS
    first = b.BulkPlanned.TOPIC
    steps: ClassVar = {
        b.ItemsChecked.TOPIC: _checked,
        b.BulkStarted.TOPIC: _runs,
        b.BulkContinued.TOPIC: _runs,
        b.ItemsCarriedOut.TOPIC: _carried_out,
        b.BulkStopped.TOPIC: _stopped,
    }

    def begin(self, event: Recorded) -> BulkRow:
        data = event.data
        return BulkRow(
            tenant_id=event.tenant_id,
            bulk_id=event.stream_id,
            action=data["order"]["action"],
            order=data["order"],
            selection=data["selection"],
            plan_sha256=data["plan"]["sha256"],
            run_when_checked=data["run_when_checked"],
            status=data["status"],
            items=data["plan"]["items"],
            expected_problems={},
            examples=[],
            problems={},
            planned_by=event.actor,
            planned_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            planned_position=event.position,
            position=event.position,
        )


class BulkItems(Projection):
    """Follows what became of the items of all tenants' bulk jobs."""

    name = "bulk_items"
    follows = "bulk_results."
    tables = (BULK_ITEMS,)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        BULK_ITEMS.add(cursor, (item for event in batch for item in _items(event)))


def _items(event: Recorded) -> Iterator[BulkItem]:
    for item, outcome in enumerate(event.data["results"], event.data["first"] + 1):
        release_id, target_id = UUID(outcome["release_id"]), UUID(outcome["target_id"])
        problem = outcome.get("problem", {})
        yield BulkItem(
            tenant_id=event.tenant_id,
            bulk_id=UUID(event.data["bulk_id"]),
            item=item,
            release_id=release_id,
            target_id=target_id,
            distribution_id=distribution_id(release_id, target_id),
            result=outcome["result"],
            code=problem.get("code"),
            message=problem.get("message"),
            fix=problem.get("fix"),
            position=event.position,
        )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    status: str | None = None,
    action: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[BulkRow]:
    """The tenant's bulk jobs in the order they were asked for. Raises InvalidValue for a foreign
    cursor."""
    where = {"status = %s": status, "action = %s": action}
    return pages.page(
        connection, BULK_JOBS, tenant_id, where, by="planned_position", cursor=cursor, limit=limit
    )


def one(connection: Connection[Any], tenant_id: UUID, bulk_id: UUID) -> BulkRow | None:
    """A bulk job of the tenant, None if it is not in the read model yet."""
    wanted = {"bulk_id = %s": bulk_id}
    rows = pages.every(connection, BULK_JOBS, tenant_id, wanted, by="planned_position")
    return rows[0] if rows else None


def items(
    connection: Connection[Any],
    tenant_id: UUID,
    bulk_id: UUID,
    *,
    result: Result | None = None,
    code: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[BulkItem]:
    """The items that were carried out, in the order of the plan. Raises InvalidValue for a
    foreign cursor."""
    where = {"bulk_id = %s": bulk_id, "result = %s": result, "code = %s": code}
    return pages.page(
        connection, BULK_ITEMS, tenant_id, where, by="item", cursor=cursor, limit=limit
    )


def standing(connection: Connection[Any], tenant_id: UUID, bulk_id: UUID) -> dict[str, int]:
    """Where the distributions that it changed stand now: how many have each status."""
    rows = connection.execute(
        "SELECT b.status, count(*) FROM read.bulk_items i"
        " JOIN read.status_board b USING (tenant_id, distribution_id)"
        " WHERE i.tenant_id = %s AND i.bulk_id = %s AND i.result = 'done'"
        " GROUP BY 1 ORDER BY 1",
        [tenant_id, bulk_id],
    ).fetchall()
    return {status: n for status, n in rows}


REPORT_COLUMNS = (
    *("item", "result", "code", "message", "fix", "status"),
    *("release_id", "title", "icpn", "target_id", "platform", "distribution_id"),
)
"""What a row of the report holds; `status` is that of the distribution now."""

_REPORT = """
    SELECT i.item, i.result, i.code, i.message, i.fix, b.status, i.release_id, r.title, r.icpn,
           i.target_id, t.platform, i.distribution_id
    FROM read.bulk_items i
    LEFT JOIN read.status_board b USING (tenant_id, distribution_id)
    LEFT JOIN read.releases r ON r.tenant_id = i.tenant_id AND r.release_id = i.release_id
    LEFT JOIN read.targets t ON t.tenant_id = i.tenant_id AND t.target_id = i.target_id
    WHERE i.tenant_id = %s AND i.bulk_id = %s AND i.item > %s
    ORDER BY i.item LIMIT %s"""


def report(
    connection: Connection[Any], tenant_id: UUID, bulk_id: UUID, after: int, limit: int
) -> list[tuple[Any, ...]]:
    """The next rows of the report, as REPORT_COLUMNS name them."""
    return connection.execute(_REPORT, [tenant_id, bulk_id, after, limit]).fetchall()
