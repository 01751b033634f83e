"""When releases are out, by their release dates and deals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from deadwax.application.log import Recorded
from deadwax.domain import release_events as r
from deadwax.domain.deals import Deal
from deadwax.domain.plain import from_plain, to_plain
from deadwax.domain.release_planning import openings, out_at
from deadwax.projections.base import Fold
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class ReleaseDateRow:
    """When a release is out; for one platform by the openings that are for it."""

    tenant_id: Annotated[UUID, "Tenant."]
    release_id: Annotated[UUID, "Release."]
    title: Annotated[str | None, "Title."] = None
    release_date: Annotated[date | None, "Release date."] = None
    openings: Annotated[
        list[dict[str, Any]], "When its deals open, `at`, and for which `recipients`; none: all."
    ]
    first_at: Annotated[datetime | None, "When it is first out anywhere."] = None
    last_at: Annotated[datetime | None, "When the last of its deals opens."] = None
    version: Annotated[int, "Version of the release."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]


RELEASE_DATES = Table(
    "release_dates",
    ReleaseDateRow,
    key=("tenant_id", "release_id"),
    indexes=("(tenant_id, last_at, first_at)", "(last_at, tenant_id)"),
)


def _describe(row: ReleaseDateRow, metadata: Mapping[str, Any]) -> None:
    """Take over the fields that `metadata` has; None is absent."""
    row.title = metadata.get("title", row.title)
    if "release_date" in metadata:
        day = metadata["release_date"]
        row.release_date = date.fromisoformat(day) if day else None
    if "deals" in metadata:
        deals = [from_plain(Deal, deal) for deal in metadata["deals"] or ()]
        row.openings = [to_plain(opening) for opening in openings(deals)]
    begin = out_at((), row.release_date, "", None)
    times = [datetime.fromisoformat(opening["at"]) for opening in row.openings]
    times += [begin] if begin else []
    row.first_at, row.last_at = min(times, default=None), max(times, default=None)


def _amended(row: ReleaseDateRow, event: Recorded) -> None:
    _describe(row, {name: change["to"] for name, change in event.data["changes"].items()})


def _stays(row: ReleaseDateRow, event: Recorded) -> None:
    """Dates are in the metadata."""


class ReleaseDates(Fold[ReleaseDateRow]):
    """Follows the releases of all tenants."""

    name = "release_dates"
    follows = "release."
    tables = (RELEASE_DATES,)
    table = RELEASE_DATES
    first = r.ReleaseDrafted.TOPIC
    steps: ClassVar = {
        r.ReleaseAmended.TOPIC: _amended,
        r.ReleaseCodesAllocated.TOPIC: _stays,
        r.ReleaseSubmitted.TOPIC: _stays,
        r.ReleaseApproved.TOPIC: _stays,
        r.ReleaseArchived.TOPIC: _stays,
    }

    def begin(self, event: Recorded) -> ReleaseDateRow:
        row = ReleaseDateRow(
            tenant_id=event.tenant_id,
            release_id=event.stream_id,
            openings=[],
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )
        _describe(row, event.data["metadata"])
        return row
