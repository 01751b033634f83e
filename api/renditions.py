"""Files in another form: asked for, made by a worker, downloaded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response

from deadwax.api.auth import Permission
from deadwax.api.body import JsonBody
from deadwax.api.conditional import mark
from deadwax.api.contents import content
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.rendition_bodies import NewRendition, OfTrack
from deadwax.api.route import Route, needs
from deadwax.application.errors import NotFound
from deadwax.application.rendition_orders import Asked
from deadwax.domain.assets import AssetFacts
from deadwax.domain.cause import current_cause
from deadwax.domain.errors import Problem
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.labelling import for_track
from deadwax.domain.media.recipes import AUDIO_RECIPES, IMAGE_RECIPES, AudioRecipe
from deadwax.domain.plain import to_plain
from deadwax.domain.release import Release
from deadwax.domain.rendition_orders import OrderState
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.media_types import media_type
from deadwax.projections import renditions
from deadwax.projections.renditions import RenditionRow

router = APIRouter(prefix="/api/v1", route_class=Route, tags=["Renditions"])

_READ, _WRITE = needs(Permission.ASSETS_READ), needs(Permission.ASSETS_WRITE)
_BYTES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The bytes.", "content": {"application/octet-stream": {}}},
    206: {"description": "The range that was asked for.", "content": {}},
}


@dataclass(frozen=True, kw_only=True)
class RenditionView:
    """What was asked for. `file` and what follows are there once it is `made`: `same_samples`
    says that the samples are proven to be those of the source, `gain_db` by how much the level was
    changed, `held_by_peak` that this is less than asked for, as the true peak allows no more.
    `problems` say why it was refused. `progress` is how much is done, 0 to 1, null while nobody is
    at it."""

    id: UUID
    source: str
    recipe: dict[str, Any]
    state: OrderState
    progress: float | None
    problems: list[Problem]
    file: AssetFacts | None = None
    encoder: str | None = None
    same_samples: bool | None = None
    gain_db: float | None = None
    held_by_peak: bool | None = None

    @classmethod
    def of(cls, asked: Asked) -> Self:
        view = cls(
            id=asked.id,
            source=asked.source,
            recipe=to_plain(asked.recipe),
            state=asked.state,
            progress=asked.progress,
            problems=list(asked.problems),
        )
        if asked.rendition is None:
            return view
        made = asked.rendition
        return replace(
            view,
            file=made.facts,
            encoder=made.encoder,
            same_samples=made.same_samples,
            gain_db=made.gain_db,
            held_by_peak=made.held_by_peak,
        )


@router.get("/recipes", summary="How files can be rendered", openapi_extra=_READ)
def list_recipes() -> dict[str, dict[str, Any]]:
    """The recipes that have a name: those of a target's `media`, and of `recipe` here."""
    return {name: to_plain(one) for name, one in (AUDIO_RECIPES | IMAGE_RECIPES).items()}


@router.post(
    "/assets/{sha256}/renditions",
    status_code=202,
    summary="Ask for a rendition",
    openapi_extra=_WRITE,
    responses={200: {"description": "It is there already.", "model": RenditionView}},
)
def ask_for_rendition(
    sha256: Sha256,
    asked: Annotated[NewRendition, Depends(JsonBody(NewRendition))],
    parts: Parts,
    response: Response,
) -> RenditionView:
    """A worker makes it: 202, and `Location` to look at it. 200 if it is there already, as the
    same rendition of a file is made once. Asked for again after it was refused, it is tried
    again."""
    recipe = asked.wanted
    if asked.track and isinstance(recipe, AudioRecipe):
        recipe = _labelled(parts, recipe, asked.track)
    found, position = parts.rendition_orders.ask(sha256, recipe)
    if found.state is OrderState.MADE:
        response.status_code = 200
    location = f"/api/v1/assets/{sha256}/renditions/{found.id}"
    mark(response, position=position, location=location)
    return RenditionView.of(found)


@router.get(
    "/assets/{sha256}/renditions",
    summary="List the renditions of a file",
    openapi_extra=_READ,
    dependencies=[fresh("renditions")],
)
def list_renditions(
    sha256: Sha256,
    parts: Parts,
    state: OrderState | None = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[RenditionRow]:
    """Those that were asked for, and those that deliveries needed; oldest first."""
    parts.assets.get(sha256)
    with read_models(parts) as connection:
        return listed(
            renditions.page(
                connection,
                current_cause().tenant_id,
                sha256,
                state=state,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get(
    "/assets/{sha256}/renditions/{rendition_id}",
    summary="What became of a rendition",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
)
def get_rendition(sha256: Sha256, rendition_id: UUID, parts: Parts) -> RenditionView:
    """Its state, how far it is, and the facts read from its own bytes."""
    return RenditionView.of(parts.rendition_orders.get(sha256, rendition_id))


@router.get(
    "/assets/{sha256}/renditions/{rendition_id}/content",
    summary="Download a rendition",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses=_BYTES,
)
def get_rendition_content(
    sha256: Sha256, rendition_id: UUID, parts: Parts, request: Request
) -> Response:
    """The bytes, in whole or as one range; the ETag is their SHA-256. 404 until it is made."""
    made = parts.rendition_orders.get(sha256, rendition_id).rendition
    if made is None:
        raise NotFound("rendition", rendition_id)
    return content(request, parts.asset_store, made.facts, media_type(made.facts.filename))


def _labelled(parts: Container, recipe: AudioRecipe, of: OfTrack) -> AudioRecipe:
    release = parts.catalogue.get(Release, of.release_id).metadata
    for track in release.tracks:
        if (track.disc, track.number) == (of.disc, of.number):
            return for_track(recipe, release, track)
    raise NotFound("track", f"{of.disc}/{of.number}")
