"""Dry runs: exactly what would be sent, without storing or sending anything."""

from __future__ import annotations

import io
import zipfile
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from deadwax.api.auth import Permission
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.application.dry_run import DryRun, FileDifference, Wanted
from deadwax.domain.differences import Change
from deadwax.domain.errors import Problem, Refused

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Distributions"])

_NEEDS = needs(Permission.MESSAGES_READ)
_RELEASE, _ONE = "/releases/{release_id}/dry-run", "/distributions/{distribution_id}/dry-run"
_ZIP: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Everything that would be made, at its path: messages, manifest, checksums.",
        "content": {"application/zip": {}},
    }
}


class DryRunFile(BaseModel):
    """A file of the delivery; `path` is relative to the target's root."""

    path: str
    role: str
    size: int
    sha256: str


class DryRunView(BaseModel):
    """What would be sent if a worker began now, alone and without others in its batch."""

    kind: str = Field(description="initial, update, takedown or purge.")
    would_be_sent: bool
    problems: list[Problem] = Field(description="What stands in the way.")
    files: list[DryRunFile] = Field(description="In upload order; the last one completes it.")
    bytes: int = Field(description="Size of all files.")
    message: dict[str, Any] | None = Field(
        description="What would be noted of the message: id, hashes, companions, proof, omitted."
    )
    compared_with: str | None = Field(description="Id of the message that was sent last.")
    resources: list[FileDifference] = Field(description="Audio, artwork and texts against it.")
    changes: list[Change] = Field(description="Metadata against it.")

    @classmethod
    def of(cls, run: DryRun) -> DryRunView:
        files = [DryRunFile(**file) for file in (run.message or {}).get("files", ())]
        return cls(
            kind=run.kind,
            would_be_sent=run.message is not None,
            problems=list(run.problems),
            files=files,
            bytes=sum(file.size for file in files),
            message=run.message,
            compared_with=run.compared_with,
            resources=list(run.resources),
            changes=list(run.changes),
        )


@router.get(_RELEASE, summary="Try a release", openapi_extra=_NEEDS, dependencies=[AT_ONCE])
def try_release(release_id: UUID, target_id: UUID, parts: Parts) -> DryRunView:
    """What distributing it to the target would send; if it is there, what would come next."""
    return DryRunView.of(parts.dry_runs.of_release(release_id, target_id))


@router.get(
    _RELEASE + "/package",
    summary="Try a release, and get what would be made",
    openapi_extra=_NEEDS,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses=_ZIP,
)
def get_release_package(release_id: UUID, target_id: UUID, parts: Parts) -> Response:
    """The messages to the byte, without audio and artwork, as a ZIP with dry-run.json."""
    return _package(parts.dry_runs.of_release(release_id, target_id))


@router.get(_ONE, summary="Try a distribution", openapi_extra=_NEEDS, dependencies=[AT_ONCE])
def try_distribution(
    distribution_id: UUID, parts: Parts, wanted: Wanted = Wanted.NEXT
) -> DryRunView:
    """What would be sent next, or by an update, a redelivery or a takedown."""
    return DryRunView.of(parts.dry_runs.of_distribution(distribution_id, wanted))


@router.get(
    _ONE + "/package",
    summary="Try a distribution, and get what would be made",
    openapi_extra=_NEEDS,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses=_ZIP,
)
def get_distribution_package(
    distribution_id: UUID, parts: Parts, wanted: Wanted = Wanted.NEXT
) -> Response:
    """The messages to the byte, without audio and artwork, as a ZIP with dry-run.json."""
    return _package(parts.dry_runs.of_distribution(distribution_id, wanted))


def _package(run: DryRun) -> Response:
    if run.problems:
        raise Refused("It would not be sent", run.problems)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as package:
        view = DryRunView.of(run)
        package.writestr("dry-run.json", view.model_dump_json(indent=2))
        for file in view.files:
            if file.sha256 in run.contents:
                package.writestr(file.path, run.contents[file.sha256])
    return Response(
        data.getvalue(),
        media_type="application/zip",
        headers={"Content-Disposition": 'attachment; filename="dry-run.zip"'},
    )
