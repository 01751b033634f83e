"""The renditions of each file: made, waited for, or refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection, Cursor

from deadwax.application.log import Recorded
from deadwax.domain.rendition_orders import (
    OrderState,
    RenditionOrdered,
    RenditionOrderRefused,
    RenditionOrderSettled,
    RenditionReordered,
)
from deadwax.domain.renditions import RenditionRendered
from deadwax.projections import pages
from deadwax.projections.base import Projection, UnknownEvent
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class RenditionRow:
    """A file in another form, made or asked for."""

    tenant_id: Annotated[UUID, "Tenant."]
    rendition_id: Annotated[UUID, "The rendition; its id follows from tenant, source and recipe."]
    source: Annotated[str, "SHA-256 of the file that it is made of."]
    recipe: Annotated[dict[str, Any], "The recipe, as plain JSON."]
    state: Annotated[str, "waiting (for a worker, or being made), made, or refused."]
    order_id: Annotated[UUID | None, "What a person asked; none: needed for a delivery."] = None
    facts: Annotated[dict[str, Any] | None, "What was read of its own bytes."] = None
    encoder: Annotated[str | None, "Program and version that wrote it."] = None
    same_samples: Annotated[bool | None, "Proven by PCM hash to have the source's samples."] = None
    gain_db: Annotated[float | None, "By how much its level was changed."] = None
    held_by_peak: Annotated[bool | None, "Softer than asked, as the true peak allows."] = None
    problems: Annotated[list[dict[str, Any]], "Why it was refused."]
    created_at: Annotated[datetime, "When it was asked for or made first."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]
    created_position: Annotated[int, "Log position of its first event: the order of the list."]


RENDITIONS = Table(
    "renditions",
    RenditionRow,
    key=("tenant_id", "rendition_id"),
    indexes=(
        "(tenant_id, source, created_position)",
        "(updated_at) WHERE state = 'waiting'",
    ),
)


class Renditions(Projection):
    """Follows what is asked for and what is made, two streams for each rendition."""

    name = "renditions"
    follows = "rendition"
    tables: ClassVar = (RENDITIONS,)

    def apply(self, cursor: Cursor[Any], batch: Sequence[Recorded]) -> None:
        keys = {(event.tenant_id, _id(event)) for event in batch}
        older: list[RenditionRow] = RENDITIONS.get(cursor, keys)
        rows = {(row.tenant_id, row.rendition_id): row for row in older}
        for event in batch:
            key = event.tenant_id, _id(event)
            row = rows[key] if key in rows else rows.setdefault(key, _begun(event))
            _change(row, event)
            row.updated_at, row.position = event.recorded_at, event.position
        RENDITIONS.put(cursor, list(rows.values()))


def _id(event: Recorded) -> UUID:
    if event.type == RenditionRendered.TOPIC:
        return event.stream_id
    return UUID(event.data["rendition_id"])


def _begun(event: Recorded) -> RenditionRow:
    return RenditionRow(
        tenant_id=event.tenant_id,
        rendition_id=_id(event),
        source=event.data["source"],
        recipe=event.data["recipe"],
        state=OrderState.WAITING.value,
        problems=[],
        created_at=event.recorded_at,
        updated_at=event.recorded_at,
        position=event.position,
        created_position=event.position,
    )


def _change(row: RenditionRow, event: Recorded) -> None:
    match event.type:
        case RenditionRendered.TOPIC:
            row.state, row.problems = OrderState.MADE.value, []
            row.facts, row.encoder = event.data["facts"], event.data["encoder"]
            row.same_samples = event.data["same_samples"]
            row.gain_db, row.held_by_peak = event.data["gain_db"], event.data["held_by_peak"]
        case RenditionOrdered.TOPIC:
            row.order_id = event.stream_id
            row.state = OrderState.WAITING.value
        case RenditionReordered.TOPIC:
            row.state, row.problems = OrderState.WAITING.value, []
        case RenditionOrderSettled.TOPIC:
            row.state = OrderState.MADE.value
        case RenditionOrderRefused.TOPIC:
            row.state = OrderState.REFUSED.value if row.facts is None else OrderState.MADE.value
            row.problems = event.data["problems"]
        case _:
            raise UnknownEvent(event)


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    source: str,
    *,
    state: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[RenditionRow]:
    """Those of one file, oldest first. Raises InvalidValue for a foreign cursor."""
    where = {"source = %s": source, "state = %s": state}
    return pages.page(
        connection, RENDITIONS, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
