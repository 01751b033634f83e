"""Audio and artwork: uploaded as they are, measured, and known by their SHA-256."""

from __future__ import annotations

from typing import Annotated

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Query, Request, Response

from deadwax.api.asset_views import AssetAccepted, AssetView
from deadwax.api.auth import Permission
from deadwax.api.conditional import mark
from deadwax.api.contents import BYTES, content
from deadwax.api.digests import ExpectedSha256
from deadwax.api.errors import invalid
from deadwax.api.parts import Parts
from deadwax.api.reading import AT_ONCE, Cursor, Limit, Listed, fresh, listed, read_models
from deadwax.api.route import Route, UploadRoute, needs
from deadwax.api.uploads import blocks
from deadwax.domain.assets import AssetState
from deadwax.domain.cause import current_cause
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.limits import DEFAULT, PLATFORMS
from deadwax.domain.texts import Name
from deadwax.domain.vocabulary import AssetKind
from deadwax.projections import assets
from deadwax.projections.assets import AssetRow

_TAGS = ["Assets"]
router = APIRouter(prefix="/api/v1/assets", route_class=Route, tags=list(_TAGS))
uploads = APIRouter(prefix="/api/v1/assets", route_class=UploadRoute, tags=list(_TAGS))

_READ, _WRITES = needs(Permission.ASSETS_READ), Permission.ASSETS_WRITE
_BLOCK = 1 << 20

Platform = Annotated[
    str, Query(description="Whose limits.", json_schema_extra={"enum": list(PLATFORMS)})
]


@uploads.post(
    "",
    status_code=201,
    summary="Upload a file",
    responses={200: {"model": AssetAccepted, "description": "The tenant has it already."}},
    openapi_extra={
        **needs(_WRITES),
        "requestBody": {
            "required": True,
            "description": "The bytes of the file.",
            "content": {"application/octet-stream": {}},
        },
    },
)
async def upload_asset(
    request: Request,
    filename: Annotated[Name, Query(description="What the label calls the file.")],
    expected: ExpectedSha256,
    parts: Parts,
    response: Response,
) -> AssetAccepted:
    """The body is the file. It is streamed to the store, checked against the stated hash, read to
    its end and measured; 200 and position 0 if the tenant has it already. What cannot be read is
    refused and not kept; what is wrong with the rest is among the `findings`."""
    facts, position = await to_thread.run_sync(
        parts.assets.ingest, blocks(request, _BLOCK), filename, expected, limiter=_slow(request)
    )
    if not position:
        response.status_code = 200
    mark(response, position=position, location=f"/api/v1/assets/{facts.sha256}")
    return AssetAccepted.of(facts, position=position)


@router.get(
    "",
    summary="List files",
    openapi_extra=_READ,
    dependencies=[fresh("assets")],
)
def list_assets(
    parts: Parts,
    kind: AssetKind | None = None,
    state: AssetState | None = None,
    blocked: Annotated[
        bool | None, Query(description="By findings that keep them from being submitted.")
    ] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Listed[AssetRow]:
    """The tenant's files, oldest first. `blocked_by` is by the default limits."""
    with read_models(parts) as connection:
        return listed(
            assets.page(
                connection,
                current_cause().tenant_id,
                kind=kind,
                state=state,
                blocked=blocked,
                cursor=cursor,
                limit=limit,
            )
        )


@router.get("/{sha256}", summary="What a file is", openapi_extra=_READ, dependencies=[AT_ONCE])
def get_asset(sha256: Sha256, parts: Parts, platform: Platform = DEFAULT) -> AssetView:
    """What was measured of its bytes, and what is found of it against the limits of `platform`."""
    if platform not in PLATFORMS:
        fix = f"Give one of {', '.join(PLATFORMS)}."
        raise invalid("platform", "platform_unknown", f"There is no platform {platform}.", fix)
    facts = parts.assets.get(sha256)
    return AssetView.of(facts, parts.analyses.progress(sha256), platform)


@router.post("/{sha256}/analysis", summary="Measure a file", openapi_extra=needs(_WRITES))
async def analyse_asset(
    sha256: Sha256, request: Request, parts: Parts, response: Response
) -> AssetAccepted:
    """Reads it to its end and measures it, once more if it was: for files that were stored before
    Deadwax measured them, or that an older version measured. Position 0 if the same was found;
    409 `not_yet` while it is being measured already."""
    facts, position = await to_thread.run_sync(
        parts.analyses.repeat, sha256, limiter=_slow(request)
    )
    mark(response, position=position)
    return AssetAccepted.of(facts, position=position)


@router.get(
    "/{sha256}/content",
    summary="Download a file",
    openapi_extra=_READ,
    dependencies=[AT_ONCE],
    response_class=Response,
    responses={
        200: {"description": "The bytes.", "content": {BYTES: {}}},
        206: {"description": "The range that was asked for.", "content": {BYTES: {}}},
        304: {"description": "They are those that If-None-Match names."},
    },
)
def get_asset_content(sha256: Sha256, parts: Parts, request: Request) -> Response:
    """The bytes as they were uploaded, in whole or as one range; the ETag is their SHA-256."""
    return content(request, parts.asset_store, parts.assets.get(sha256))


def _slow(request: Request) -> CapacityLimiter:
    limiter: CapacityLimiter = request.app.state.slow
    return limiter
