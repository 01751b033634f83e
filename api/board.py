"""Where releases stand on their targets, from the read side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from psycopg import Connection
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.parts import Parts
from deadwax.api.reading import Cursor, Limit, Listed, fresh, read_models
from deadwax.api.route import Route, needs
from deadwax.domain.cause import current_cause
from deadwax.domain.states import Group, Status
from deadwax.projections import pages, release_board, status_board
from deadwax.projections.status_board import BoardRow
from deadwax.projections.targets import TARGETS

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Status"])

_READ = needs(Permission.BOARD_READ)
_FRESH = fresh("status_board", "targets")


@dataclass(slots=True, kw_only=True)
class BoardItem(BoardRow):
    """A row of the board with the name of the platform."""

    platform: Annotated[str, "Name of the platform; empty while the list of targets lags behind."]


class ReleaseStatusView(BaseModel):
    """A release over all its targets."""

    release_id: UUID
    overall: str = Field(
        description="not_started, completed, failed, needs_attention, in_progress or partial."
    )
    groups: dict[str, int] = Field(description="How many distributions are in each group.")
    statuses: dict[str, int] = Field(description="How many distributions have each status.")
    items: list[BoardItem]


@router.get("/status-board", summary="The status board", openapi_extra=_READ, dependencies=[_FRESH])
def list_status_board(
    parts: Parts,
    status: Status | None = None,
    group: Group | None = None,
    release_id: UUID | None = None,
    target_id: UUID | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[BoardItem]:
    """One row per release and target, in the order they were requested."""
    with read_models(parts) as connection:
        page = status_board.page(
            connection,
            current_cause().tenant_id,
            status=status,
            group=group,
            release_id=release_id,
            target_id=target_id,
            cursor=cursor,
            limit=limit,
        )
        items = with_platforms(connection, page.items)
    return Listed(items=items, next=page.next_cursor)


@router.get(
    "/releases/{release_id}/status",
    summary="A release over all its targets",
    openapi_extra=_READ,
    dependencies=[_FRESH],
)
def get_release_status(release_id: UUID, parts: Parts) -> ReleaseStatusView:
    """The overall status, how many distributions stand where, and each of them."""
    parts.releases.get(release_id)
    with read_models(parts) as connection:
        board = release_board.of_release(connection, current_cause().tenant_id, release_id)
        items = with_platforms(connection, board.distributions)
    return ReleaseStatusView(
        release_id=release_id,
        overall=board.overall,
        groups=board.groups,
        statuses=board.statuses,
        items=items,
    )


def with_platforms(connection: Connection[Any], rows: Iterable[BoardRow]) -> list[BoardItem]:
    rows = list(rows)
    wanted = {"target_id = ANY(%s)": list({row.target_id for row in rows})}
    targets = pages.every(connection, TARGETS, current_cause().tenant_id, wanted, by="target_id")
    names = {target.target_id: target.platform for target in targets}
    return [BoardItem(**asdict(row), platform=names.get(row.target_id, "")) for row in rows]
