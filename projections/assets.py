"""The list of a tenant's files, and which of them keep a release from being submitted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain.assets import AssetAnalysed, AssetFacts, AssetLinked, AssetState, AssetStored
from deadwax.domain.media.findings import Severity
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import DEFAULT, limits_of
from deadwax.domain.media.measured import Analysis
from deadwax.domain.plain import from_plain
from deadwax.projections import pages
from deadwax.projections.base import Fold
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class AssetRow:
    """A file as lists show it; what was measured of it in full is in its events."""

    tenant_id: Annotated[UUID, "Tenant."]
    asset_id: Annotated[UUID, "The file; its id follows from tenant and bytes."]
    sha256: Annotated[str, "SHA-256 of its bytes."]
    filename: Annotated[str, "What the label called it."]
    kind: Annotated[str, "audio, image, video or text."]
    size: Annotated[int, "Bytes."]
    facts: Annotated[dict[str, Any], "What was read of its headers."]
    state: Annotated[str, "stored (not measured), analysing (waits for it, or is), or analysed."]
    analyser: Annotated[str | None, "The version of what measured it; none: it could not."] = None
    blocked_by: Annotated[list[str], "Codes of findings that keep it from being submitted."]
    created_at: Annotated[datetime, "When it was stored."]
    version: Annotated[int, "Number of its last event."]
    updated_at: Annotated[datetime, "When it last changed."]
    position: Annotated[int, "Log position of its last event."]
    created_position: Annotated[int, "Log position of its first event: the order of the list."]


ASSETS = Table(
    "assets",
    AssetRow,
    key=("tenant_id", "asset_id"),
    indexes=(
        "(tenant_id, created_position)",
        "(updated_at) WHERE state = 'analysing'",
    ),
)


def _analysed(row: AssetRow, event: Recorded) -> None:
    analysis = from_plain(Analysis, event.data["analysis"])
    facts = replace(from_plain(AssetFacts, row.facts), analysis=analysis)
    row.state, row.analyser = AssetState.ANALYSED.value, analysis.analyser
    judged = findings(facts, limits_of(DEFAULT))
    row.blocked_by = sorted({f.code for f in judged if f.severity is Severity.BLOCK})


def _linked(row: AssetRow, event: Recorded) -> None:
    """A link changes nothing of the file."""


class Assets(Fold[AssetRow]):
    """Follows the files of all tenants. `version` is raised when the default limits change."""

    name = "assets"
    follows = "asset."
    tables = (ASSETS,)
    table = ASSETS
    first = AssetStored.TOPIC
    steps: ClassVar = {AssetAnalysed.TOPIC: _analysed, AssetLinked.TOPIC: _linked}

    def begin(self, event: Recorded) -> AssetRow:
        facts, waits = event.data["facts"], event.data["awaits_analysis"]
        return AssetRow(
            tenant_id=event.tenant_id,
            asset_id=event.stream_id,
            sha256=facts["sha256"],
            filename=facts["filename"],
            kind=facts["kind"],
            size=facts["size"],
            facts=facts,
            state=(AssetState.ANALYSING if waits else AssetState.STORED).value,
            blocked_by=[],
            created_at=event.recorded_at,
            version=event.version,
            updated_at=event.recorded_at,
            position=event.position,
            created_position=event.position,
        )


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    kind: str | None = None,
    state: str | None = None,
    blocked: bool | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[AssetRow]:
    """The tenant's files, oldest first; `blocked`: by findings that keep them from being
    submitted. Raises InvalidValue for a foreign cursor."""
    where = {
        "kind = %s": kind,
        "state = %s": state,
        "(jsonb_array_length(blocked_by) > 0) = %s": blocked,
    }
    return pages.page(
        connection, ASSETS, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
