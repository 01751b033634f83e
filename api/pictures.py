"""What people look at of audio: waveform, spectrogram, loudness over time."""

from __future__ import annotations

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request, Response

from deadwax.api.auth import Permission
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE
from deadwax.api.route import Route, needs
from deadwax.api.unchanged import is_unchanged
from deadwax.application.media import Picture
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.identifiers import Sha256
from deadwax.domain.vocabulary import AssetKind
from deadwax.infrastructure.media.picture_cache import DRAWING
from deadwax.infrastructure.media_types import media_type

router = APIRouter(prefix="/api/v1/assets", route_class=Route, tags=["Assets"])


@router.get(
    "/{sha256}/pictures/{name}",
    summary="A picture of a recording",
    openapi_extra=needs(Permission.ASSETS_READ),
    dependencies=[AT_ONCE],
    response_class=Response,
    responses={
        200: {
            "description": "The picture, or its numbers.",
            "content": {"image/png": {}, "application/json": {}},
        },
        304: {"description": "It is the one that If-None-Match names."},
    },
)
async def get_asset_picture(
    sha256: Sha256, name: Picture, request: Request, parts: Parts
) -> Response:
    """Drawn when first asked for. `waveform.json` is audiowaveform's data format, version 2, which
    players read; `loudness.json` has momentary and short-term loudness every 0.1 s. 422 for what is
    no audio."""
    slow: CapacityLimiter = request.app.state.slow
    facts = await to_thread.run_sync(parts.assets.get, sha256)
    if facts.kind is not AssetKind.AUDIO:
        problem = Problem(
            "picture_of_no_audio",
            "sha256",
            f"{facts.filename} is of the kind {facts.kind}, and only audio is drawn.",
            "Name a recording; GET /api/v1/assets?kind=audio lists them.",
        )
        raise Refused("There is no such picture", [problem])
    headers = {"ETag": f'"{sha256}-{DRAWING}-{name}"', "Cache-Control": "private, max-age=86400"}
    if is_unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    drawn = await to_thread.run_sync(parts.pictures.get, sha256, name, limiter=slow)
    return Response(drawn, media_type=media_type(name), headers=headers)
