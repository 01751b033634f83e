"""Duplicates among a tenant's files and releases, for a person to look at."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.parts import Parts
from deadwax.api.reading import Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, needs
from deadwax.domain.cause import current_cause
from deadwax.domain.identifiers import Sha256
from deadwax.projections import media_conflicts
from deadwax.projections.conflict_rules import ConflictKind, ConflictRow
from deadwax.projections.pages import Page

router = APIRouter(prefix="/api/v1/media-conflicts", route_class=Route, tags=["Assets"])

_SAYS = {
    ConflictKind.SAME_FILE: "One file stands on two tracks.",
    ConflictKind.SAME_AUDIO: "Two files hold the very same audio.",
    ConflictKind.SIMILAR_AUDIO: "Two files sound like the same recording.",
    ConflictKind.ISRC_OTHER_AUDIO: "One ISRC stands on two different recordings.",
    ConflictKind.AUDIO_OTHER_ISRC: "The same audio stands under two ISRCs.",
    ConflictKind.SAME_COVER: "Two releases have the same front cover.",
    ConflictKind.SIMILAR_COVER: "The front covers of two releases look the same.",
}
_FIX = {
    ConflictKind.SAME_FILE: "Attach the right file to each track, or give both the same ISRC.",
    ConflictKind.SAME_AUDIO: "Use one of the files.",
    ConflictKind.SIMILAR_AUDIO: "Make sure that both are meant: two masters, or one twice.",
    ConflictKind.ISRC_OTHER_AUDIO: "Give each recording its own ISRC, or attach the right file.",
    ConflictKind.AUDIO_OTHER_ISRC: "Give the recording one ISRC, or attach the right file.",
    ConflictKind.SAME_COVER: "Attach the right cover, unless both are meant to look the same.",
    ConflictKind.SIMILAR_COVER: "Attach the right cover, unless both are meant to look the same.",
}


class ConflictSide(BaseModel):
    """A file, and where it stands if that is what is in conflict."""

    sha256: str
    release_id: UUID | None
    place: str | None = Field(description="cover, or disc/number of the track.")
    isrc: str | None


class ConflictView(BaseModel):
    """Two files, or two places of releases. `one` was there first."""

    id: UUID
    kind: ConflictKind
    message: str
    fix: str
    one: ConflictSide
    other: ConflictSide
    distance: float | None = Field(
        description="How unlike they are: the part of the bits of two fingerprints that differ"
        " (similar_audio, below 0.15), or bits of 64 (similar_cover, at most 6)."
    )
    found_at: datetime

    @classmethod
    def of(cls, row: ConflictRow) -> Self:
        kind = ConflictKind(row.kind)
        return cls(
            id=row.conflict_id,
            kind=kind,
            message=_SAYS[kind],
            fix=_FIX[kind],
            one=ConflictSide(
                sha256=row.one_sha256,
                release_id=row.one_release_id,
                place=row.one_place,
                isrc=row.one_isrc,
            ),
            other=ConflictSide(
                sha256=row.other_sha256,
                release_id=row.other_release_id,
                place=row.other_place,
                isrc=row.other_isrc,
            ),
            distance=row.distance,
            found_at=row.found_at,
        )


@router.get(
    "",
    summary="List duplicates and contradictions",
    openapi_extra=needs(Permission.ASSETS_READ),
    dependencies=[fresh("media_conflicts")],
)
def list_conflicts(
    parts: Parts,
    kind: ConflictKind | None = None,
    release: Annotated[
        UUID | None, Query(description="Only of files that stand on this release.")
    ] = None,
    asset: Annotated[Sha256 | None, Query(description="Only of this file, by its SHA-256.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[ConflictView]:
    """Files and tracks that are there twice, or contradict each other: the same file, the same
    audio, audio that sounds the same, one ISRC on two recordings, one recording under two ISRCs,
    one cover on two releases. Oldest first; they stop nothing and go when their cause goes."""
    with read_models(parts) as connection:
        page = media_conflicts.page(
            connection,
            current_cause().tenant_id,
            kind=kind,
            release_id=release,
            sha256=asset,
            cursor=cursor,
            limit=limit,
        )
    return listed(Page([ConflictView.of(row) for row in page.items], page.next_cursor))
