"""Releases from the messages of others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from fastapi import APIRouter, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, Field

from deadwax.api.acknowledgements import XML_BODY, Xml
from deadwax.api.auth import Permission
from deadwax.api.conditional import mark
from deadwax.api.parts import Parts
from deadwax.api.route import Route, needs
from deadwax.api.views import ReleaseView
from deadwax.application.imported import Deviation
from deadwax.application.imports import Desk, ImportOptions, Imports, Outcome
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.ern.reading.reader import DdexReader

router = APIRouter(prefix="/api/v1/releases", route_class=Route, tags=["Releases"])

_NOT_A_RELEASE = Problem(
    "not_a_release",
    "",
    "The message takes a release down, or has it purged.",
    "Send a message that offers a release.",
)


class FileView(BaseModel):
    """A file that the message names: upload it, and set its SHA-256 at `field`."""

    field: str
    uri: str


class ReleaseImported(BaseModel):
    """The draft, and everything in the message that it does not hold."""

    release: ReleaseView
    imported_before: bool = Field(description="Then the release is left as it is.")
    files: list[FileView]
    report: list[Deviation]


@dataclass(frozen=True)
class _Body:
    """Implements application.imports.Delivery: a message without its files."""

    data: bytes

    @property
    def name(self) -> str:
        return "body"

    def read(self) -> bytes:
        return self.data

    def open(self, uri: str) -> BinaryIO | None:
        return None


@router.post(
    "/import",
    status_code=201,
    summary="Draft a release from a message",
    openapi_extra={**needs(Permission.RELEASES_WRITE), **XML_BODY},
)
async def import_release(data: Xml, parts: Parts, response: Response) -> ReleaseImported:
    """A NewReleaseMessage of ERN 3.8 to 4.3.2. The draft comes without the files that the message
    names; its label has to be known. The same release twice is drafted once. 422 if it cannot be
    read, or offers no release."""
    return await run_in_threadpool(_imported, data, parts, response)


def _imported(data: bytes, parts: Parts, response: Response) -> ReleaseImported:
    desk = Desk(parts.catalogue, parts.releases, parts.assets, parts.tenants)
    options = ImportOptions(write=True, without_files=True)
    (result,) = Imports(DdexReader(), desk).run([_Body(data)], options)
    if result.outcome is Outcome.NOT_A_RELEASE:
        raise Refused("The release was not imported", [_NOT_A_RELEASE])
    if result.release_id is None or result.outcome is Outcome.REFUSED:
        raise Refused("The release was not imported", result.problems)
    release = parts.releases.get(result.release_id)
    response.headers["Location"] = f"/api/v1/releases/{release.id}"
    mark(response, version=release.version)
    return ReleaseImported(
        release=ReleaseView.of(release),
        imported_before=result.outcome is Outcome.EXISTS,
        files=[FileView(field=f.field, uri=f.uri) for f in result.files],
        report=list(result.report),
    )
