"""The tracks of a release, each at its disc and number."""

from __future__ import annotations

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from deadwax.api.auth import Permission
from deadwax.api.body import JsonBody, checked
from deadwax.api.conditional import IfMatch, mark
from deadwax.api.errors import invalid
from deadwax.api.parts import Parts
from deadwax.api.route import Route, needs
from deadwax.api.views import ReleaseAccepted
from deadwax.domain.release import Release
from deadwax.domain.tracks import Track

router = APIRouter(
    prefix="/api/v1/releases/{release_id}/tracks", route_class=Route, tags=["Releases"]
)

Disc = Annotated[int, Path(ge=1, le=99)]
Number = Annotated[int, Path(ge=1, le=999)]
_WRITE = needs(Permission.RELEASES_WRITE)


@router.put("/{disc}/{number}", status_code=202, summary="Set a track", openapi_extra=_WRITE)
def put_track(
    release_id: UUID,
    disc: Disc,
    number: Number,
    document: Annotated[dict[str, Any], Depends(JsonBody(dict[str, Any], shown_as=Track))],
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> ReleaseAccepted:
    """The whole track, whether one stands there or not. The body may leave out disc and
    number, and may not contradict the address."""
    place = {"disc": disc, "number": number}
    track = checked(Track, json.dumps(place | document).encode())
    for name, value in place.items():
        if (told := getattr(track, name)) != value:
            raise invalid(
                name,
                "place_differs",
                f"The address says {name} {value}, the body {told}.",
                "Leave it out of the body.",
            )
    return _accepted(*parts.releases.put_track(release_id, track, version), response)


@router.delete("/{disc}/{number}", status_code=202, summary="Remove a track", openapi_extra=_WRITE)
def remove_track(
    release_id: UUID,
    disc: Disc,
    number: Number,
    parts: Parts,
    response: Response,
    version: IfMatch,
) -> ReleaseAccepted:
    """The others keep their places: numbers must be without gaps before the release can be
    submitted."""
    return _accepted(*parts.releases.remove_track(release_id, disc, number, version), response)


def _accepted(release: Release, position: int, response: Response) -> ReleaseAccepted:
    mark(response, position=position, version=release.version)
    return ReleaseAccepted.of(release, position=position)
