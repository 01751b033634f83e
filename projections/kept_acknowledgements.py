"""What platforms said and nobody could place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain.kept_acknowledgement import AcknowledgementRetained
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class KeptRow:
    """An acknowledgement that could not be read, or that matches nothing."""

    tenant_id: Annotated[UUID, "Tenant."]
    acknowledgement_id: Annotated[UUID, "The acknowledgement."]
    target_id: Annotated[UUID, "Delivery target that it came from."]
    source: Annotated[str, "How it came: sftp or http."]
    path: Annotated[str, "Where the file lay; empty if it came by HTTP."]
    sha256: Annotated[str, "SHA-256 of the file, which is kept; empty if it was too large."]
    problems: Annotated[list[dict[str, Any]], "Why: code, field, message, fix."]
    received_at: Annotated[datetime, "When it was kept."]
    version: Annotated[int, "Always 1."]
    updated_at: Annotated[datetime, "When it was kept."]
    position: Annotated[int, "Log position of its event: the order of the list."]


KEPT = Table(
    "kept_acknowledgements",
    KeptRow,
    key=("tenant_id", "acknowledgement_id"),
    indexes=("(tenant_id, target_id, position)",),
)


class KeptAcknowledgements(Fold[KeptRow]):
    """Follows the targets of all tenants."""

    name = "kept_acknowledgements"
    follows = "acknowledgement."
    tables = (KEPT,)
    table = KEPT
    first = AcknowledgementRetained.TOPIC
    steps: ClassVar = {}

    def begin(self, event: Recorded) -> KeptRow:
        return KeptRow(
            tenant_id=event.tenant_id,
            acknowledgement_id=event.stream_id,
            target_id=UUID(event.data["target_id"]),
            source=event.data["source"],
            path=event.data["path"],
            sha256=event.data["sha256"],
            problems=event.data["problems"],
            received_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
        )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    target_id: UUID,
    *,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[KeptRow]:
    """Those of one target, oldest first. Raises InvalidValue for a foreign cursor."""
    where = {"target_id = %s": target_id}
    return pages.page(connection, KEPT, tenant_id, where, by="position", cursor=cursor, limit=limit)
