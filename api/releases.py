"""Releases: draft, amend, submit, approve, archive."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from deadwax.api.auth import Permission
from deadwax.api.bodies import Nothing, Reason
from deadwax.api.body import JsonBody
from deadwax.api.conditional import IfMatch, mark
from deadwax.api.merge_patch import amended
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, read_models
from deadwax.api.route import Route, needs
from deadwax.api.views import Lacks, ReleaseAccepted, ReleaseView
from deadwax.domain.cause import current_cause
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.release import Release
from deadwax.domain.release_events import ReleaseStatus
from deadwax.domain.rules import problems
from deadwax.domain.texts import Name
from deadwax.projections import release_board, releases
from deadwax.projections.releases import ReleaseRow

router = APIRouter(prefix="/api/v1/releases", route_class=Route, tags=["Releases"])

Metadata = Annotated[ReleaseMetadata, Depends(JsonBody(ReleaseMetadata))]
NoWords = Annotated[Nothing, Depends(JsonBody(Nothing, optional=True))]
_READ, _WRITE = needs(Permission.RELEASES_READ), needs(Permission.RELEASES_WRITE)


@dataclass(slots=True, kw_only=True)
class ReleaseItem(ReleaseRow):
    """A release in a list, with its status over all delivery targets."""

    overall: Annotated[
        str, "not_started, completed, failed, needs_attention, in_progress or partial."
    ]


@router.post("", status_code=201, summary="Draft a release", openapi_extra=_WRITE)
def draft_release(metadata: Metadata, parts: Parts, response: Response) -> ReleaseAccepted:
    """Whatever is known already. What a draft may still lack is listed under `problems`."""
    release, position = parts.releases.draft(metadata)
    response.headers["Location"] = f"/api/v1/releases/{release.id}"
    return _accepted(release, position, response)


@router.get(
    "",
    summary="List releases",
    openapi_extra=_READ,
    dependencies=[fresh("releases", "status_board")],
)
def list_releases(
    parts: Parts,
    status: ReleaseStatus | None = None,
    label: Name | None = None,
    title: Annotated[Name | None, Query(description="How the title starts, in any case.")] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[ReleaseItem]:
    """In the order they were drafted."""
    tenant_id = current_cause().tenant_id
    with read_models(parts) as connection:
        page = releases.page(
            connection,
            tenant_id,
            status=status,
            label=label,
            title=title,
            cursor=cursor,
            limit=limit,
        )
        overall = release_board.overall_of(
            connection, tenant_id, [r.release_id for r in page.items]
        )
    items = [ReleaseItem(**asdict(row), overall=overall[row.release_id]) for row in page.items]
    return Listed(items=items, next=page.next_cursor)


@router.get("/{release_id}", summary="Read a release", openapi_extra=_READ, dependencies=[AT_ONCE])
def get_release(release_id: UUID, parts: Parts, response: Response) -> ReleaseView:
    """As it is now, from the log itself. The ETag is its version."""
    release = parts.releases.get(release_id)
    mark(response, version=release.version)
    return ReleaseView.of(release)


@router.put("/{release_id}", status_code=202, summary="Replace the metadata", openapi_extra=_WRITE)
def replace_release(
    release_id: UUID, metadata: Metadata, parts: Parts, response: Response, version: IfMatch
) -> ReleaseAccepted:
    """What is not given is gone. A release that was submitted must stay complete."""
    return _accepted(*parts.releases.amend(release_id, metadata, version), response)


@router.patch(
    "/{release_id}", status_code=202, summary="Change some metadata", openapi_extra=_WRITE
)
def patch_release(
    release_id: UUID,
    patch: Annotated[dict[str, Any], Depends(JsonBody(dict[str, Any]))],
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> ReleaseAccepted:
    """A JSON merge patch (RFC 7396) of the metadata: null takes a field away, lists are
    replaced as a whole."""
    return _accepted(*amended(parts.releases, release_id, patch, version), response)


@router.post(
    "/{release_id}/submit", status_code=202, summary="Submit a release", openapi_extra=_WRITE
)
def submit_release(
    release_id: UUID, nothing: NoWords, parts: Parts, response: Response, version: IfMatch
) -> ReleaseAccepted:
    """Refused with everything that is missing. Approved at once where no review is wanted."""
    return _accepted(*parts.releases.submit(release_id, version), response)


@router.post(
    "/{release_id}/approve", status_code=202, summary="Approve a release", openapi_extra=_WRITE
)
def approve_release(
    release_id: UUID, nothing: NoWords, parts: Parts, response: Response, version: IfMatch
) -> ReleaseAccepted:
    """A submitted release may then be distributed."""
    return _accepted(*parts.releases.approve(release_id, version), response)


@router.post(
    "/{release_id}/archive", status_code=202, summary="Archive a release", openapi_extra=_WRITE
)
def archive_release(
    release_id: UUID,
    why: Annotated[Reason, Depends(JsonBody(Reason))],
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> ReleaseAccepted:
    """It cannot be changed or distributed any more. What is live stays live: take it down."""
    return _accepted(*parts.releases.archive(release_id, why.reason, version), response)


@router.get(
    "/{release_id}/problems",
    summary="What a release still lacks",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
)
def list_problems(release_id: UUID, parts: Parts) -> Lacks:
    """Everything that keeps it from being submitted, each with its field and what to do."""
    release = parts.releases.get(release_id)
    assets = parts.catalogue.assets(release.tenant_id, release.metadata)
    found = problems(release.metadata, assets)
    return Lacks(complete=not found, problems=found)


def _accepted(release: Release, position: int, response: Response) -> ReleaseAccepted:
    mark(response, position=position, version=release.version)
    return ReleaseAccepted.of(release, position=position)
