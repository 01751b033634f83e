"""What uploads and renditions leave behind that nobody finished. A worker does it: a store that is
away must not hold up the scheduler."""

from __future__ import annotations

from deadwax.application.uploads import Way, remove_expired
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.storage.spooling import sweep

_DEAD_SECONDS = 86_400.0
"""A process that stored something wrote to it within a day, or has ended."""


def tidy(container: Container) -> None:
    """Delete uploads whose time is over, files of uploads that are gone, and what processes left
    that ended in the middle of a rendition or of storing something."""
    removes = {Way.TUS: container.tus.remove}
    if container.direct_uploads:
        removes[Way.DIRECT] = container.direct_uploads.remove
    remove_expired(container.uploads, removes)
    container.tus.sweep(container.settings.upload_seconds)
    sweep(container.settings.spool_dir / "renditions", _DEAD_SECONDS)
    container.asset_store.sweep(_DEAD_SECONDS)
