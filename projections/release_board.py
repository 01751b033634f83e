"""Releases over all their targets, from the status board."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg import Connection

from deadwax.domain.states import Group, overall
from deadwax.projections import pages
from deadwax.projections.status_board import STATUS_BOARD, BoardRow


@dataclass(frozen=True)
class ReleaseBoard:
    """A release over all its targets: the overall status of `domain.states.overall`, and how
    many distributions stand in each group and status."""

    release_id: UUID
    overall: str
    groups: dict[str, int]
    statuses: dict[str, int]
    distributions: list[BoardRow]


def of_release(connection: Connection[Any], tenant_id: UUID, release_id: UUID) -> ReleaseBoard:
    """The board of one release; not_started if it was never distributed."""
    rows = pages.every(
        connection,
        STATUS_BOARD,
        tenant_id,
        {"release_id = %s": release_id},
        by="requested_position",
    )
    groups = Counter(Group(row.status_group) for row in rows)
    return ReleaseBoard(
        release_id,
        overall(groups),
        {group.value: n for group, n in groups.items()},
        dict(Counter(row.status for row in rows)),
        rows,
    )


def overall_of(
    connection: Connection[Any], tenant_id: UUID, release_ids: Iterable[UUID]
) -> dict[UUID, str]:
    """The overall status of each of the tenant's releases asked for."""
    wanted = list(release_ids)
    counts: dict[UUID, dict[Group, int]] = {id: {} for id in wanted}
    for id, group, n in connection.execute(
        "SELECT release_id, status_group, count(*) FROM read.status_board"
        " WHERE tenant_id = %s AND release_id = ANY(%s) GROUP BY 1, 2",
        [tenant_id, wanted],
    ):
        counts[id][Group(group)] = n
    return {id: overall(groups) for id, groups in counts.items()}
