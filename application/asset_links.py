"""Links by which whoever has one fetches a file, for a while, without a key."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from deadwax.application.catalogue import Catalogue, redone_on_conflict
from deadwax.domain import clock
from deadwax.domain.assets import Asset, AssetFacts
from deadwax.domain.cause import current_cause
from deadwax.domain.identifiers import Sha256, asset_id


class Downloads(Protocol):
    """Signs addresses."""

    def download(self, tenant_id: UUID, file: AssetFacts, base_url: str, seconds: int) -> str:
        """Where the file is, for so long; below `base_url`, unless the store serves it itself."""
        ...


class AssetLinks:
    def __init__(self, catalogue: Catalogue, downloads: Downloads) -> None:
        self._catalogue, self._downloads = catalogue, downloads

    def make(
        self, sha256: Sha256, base_url: str, seconds: int, rendition: AssetFacts | None = None
    ) -> tuple[str, datetime, int]:
        """A link to the tenant's asset, or to this rendition of it; until when it is good, and the
        log position of the note that it was made. Raises NotFound."""
        until = clock.now() + timedelta(seconds=seconds)
        file, position = self._note(sha256, rendition, until)
        tenant_id = current_cause().tenant_id
        return self._downloads.download(tenant_id, file, base_url, seconds), until, position

    @redone_on_conflict
    def _note(
        self, sha256: Sha256, rendition: AssetFacts | None, until: datetime
    ) -> tuple[AssetFacts, int]:
        asset = self._catalogue.get(Asset, asset_id(current_cause().tenant_id, sha256))
        file = rendition or asset.facts
        asset.link(file.sha256, until)
        return file, self._catalogue.save(asset)
