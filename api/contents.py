"""The bytes of a file that the tenant has, in whole or as one range."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import Request, Response

from deadwax.api.digests import repr_digest
from deadwax.api.ranges import FileSlice, wanted
from deadwax.api.unchanged import is_unchanged
from deadwax.application.ports import AssetStore
from deadwax.domain.assets import AssetFacts

BYTES = "application/octet-stream"


def content(
    request: Request, store: AssetStore, file: AssetFacts, media_type: str = BYTES
) -> Response:
    """To be saved under its name, never shown; the ETag is its SHA-256."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.filename, '')}",
        "Repr-Digest": repr_digest(file.sha256),
        "ETag": f'"{file.sha256}"',
    }
    if is_unchanged(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    part = wanted(request, file.size, headers["ETag"])
    return FileSlice(
        store.open(file.sha256), part, lambda count: None, headers=headers, media_type=media_type
    )
