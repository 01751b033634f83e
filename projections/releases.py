"""The list of a tenant's releases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any, ClassVar
from uuid import UUID

from psycopg import Connection

from deadwax.application.log import Recorded
from deadwax.domain.release_events import (
    ReleaseAmended,
    ReleaseApproved,
    ReleaseArchived,
    ReleaseCodesAllocated,
    ReleaseDrafted,
    ReleaseStatus,
    ReleaseSubmitted,
)
from deadwax.domain.vocabulary import ArtistRole
from deadwax.projections import pages
from deadwax.projections.base import Fold, Step
from deadwax.projections.pages import Page
from deadwax.projections.table import Table


@dataclass(slots=True, kw_only=True)
class ReleaseRow:
    """A release as lists show it; its metadata in full is in its events."""

    tenant_id: Annotated[UUID, "Tenant."]
    release_id: Annotated[UUID, "Release."]
    title: Annotated[str | None, "Title."] = None
    artist: Annotated[str | None, "Main artists in display order, joined by commas."] = None
    label: Annotated[str | None, "Label (imprint)."] = None
    icpn: Annotated[str | None, "UPC or EAN."] = None
    type: Annotated[str | None, "Album, EP or Single."] = None
    release_date: Annotated[date | None, "Release date."] = None
    track_count: Annotated[int, "Number of tracks."] = 0
    status: Annotated[str, "draft, submitted, approved or archived."]
    version: Annotated[int, "Version of the release: what If-Match compares."]
    created_at: Annotated[datetime, "When it was drafted."]
    updated_at: Annotated[datetime, "When it last changed."]
    created_position: Annotated[int, "Log position of its first event: the order of lists."]
    position: Annotated[int, "Log position of its last event."]


RELEASES = Table(
    "releases",
    ReleaseRow,
    key=("tenant_id", "release_id"),
    indexes=("(tenant_id, created_position)",),
)


def _describe(row: ReleaseRow, metadata: Mapping[str, Any]) -> None:
    """Take over the fields that `metadata` has; None is absent."""
    for name in ("title", "label", "icpn", "type"):
        if name in metadata:
            setattr(row, name, metadata[name])
    if "release_date" in metadata:
        day = metadata["release_date"]
        row.release_date = day and date.fromisoformat(day)
    if "artists" in metadata:
        row.artist = _display_artist(metadata["artists"] or [])
    if "tracks" in metadata:
        row.track_count = len(metadata["tracks"] or [])


def _display_artist(artists: list[dict[str, Any]]) -> str | None:
    main = [a["name"] for a in artists if a["role"] == ArtistRole.MAIN]
    return ", ".join(main or [a["name"] for a in artists]) or None


def _amended(row: ReleaseRow, event: Recorded) -> None:
    _describe(row, {name: change["to"] for name, change in event.data["changes"].items()})


def _stays(row: ReleaseRow, event: Recorded) -> None:
    """The codes themselves come with an amendment."""


def _becomes(status: ReleaseStatus) -> Step[ReleaseRow]:
    def step(row: ReleaseRow, event: Recorded) -> None:
        row.status = status.value

    return step


class Releases(Fold[ReleaseRow]):
    """Follows the releases of all tenants."""

    name = "releases"
    follows = "release."
    tables = (RELEASES,)
    table = RELEASES
    first = ReleaseDrafted.TOPIC
    steps: ClassVar = {
        ReleaseAmended.TOPIC: _amended,
        ReleaseCodesAllocated.TOPIC: _stays,
        ReleaseSubmitted.TOPIC: _becomes(ReleaseStatus.SUBMITTED),
        ReleaseApproved.TOPIC: _becomes(ReleaseStatus.APPROVED),
        ReleaseArchived.TOPIC: _becomes(ReleaseStatus.ARCHIVED),
    }

    def begin(self, event: Recorded) -> ReleaseRow:
        row = ReleaseRow(
            tenant_id=event.tenant_id,
            release_id=event.stream_id,
            status=ReleaseStatus.DRAFT.value,
            version=event.version,
            created_at=event.recorded_at,
            updated_at=event.recorded_at,
            created_position=event.position,
            position=event.position,
        )
        _describe(row, event.data["metadata"])
        return row


def page(
    connection: Connection[Any],
    tenant_id: UUID,
    *,
    status: str | None = None,
    label: str | None = None,
    title: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[ReleaseRow]:
    """The tenant's releases in the order they were drafted; `title` is how it starts, in any
    case. Raises InvalidValue for a foreign cursor."""
    where = {
        "status = %s": status,
        "label = %s": label,
        "starts_with(lower(title), lower(%s))": title,
    }
    return pages.page(
        connection, RELEASES, tenant_id, where, by="created_position", cursor=cursor, limit=limit
    )
