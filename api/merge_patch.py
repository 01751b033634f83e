"""JSON merge patches (RFC 7396) of a release's metadata."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from deadwax.api.body import checked
from deadwax.application.errors import Conflict, VersionMismatch
from deadwax.application.releases import Releases
from deadwax.domain.metadata import ReleaseMetadata
from deadwax.domain.plain import to_plain
from deadwax.domain.release import Release

_TRIES = 5


def merged(document: Any, patch: Any) -> Any:
    """`document` after `patch`, by the algorithm of RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    result = dict(document) if isinstance(document, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def amended(
    releases: Releases, release_id: UUID, patch: dict[str, Any], version: int | None
) -> tuple[Release, int]:
    """Patch the release and store it, if it is still the one that was patched; where the
    caller did not say which version is meant, patch the newer one."""
    for _ in range(_TRIES):
        release = releases.get(release_id)
        document = merged(to_plain(release.metadata), patch)
        metadata = checked(ReleaseMetadata, json.dumps(document).encode())
        try:
            return releases.amend(release_id, metadata, version or release.version)
        except VersionMismatch:
            if version is not None:
                raise
    raise Conflict(f"Release {release_id} is being changed by others. Send the patch again.")
