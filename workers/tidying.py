"""What uploads leave behind that nobody finished. A worker does it: a store that is away must not
hold up the scheduler."""

from __future__ import annotations

from deadwax.application.uploads import Way, remove_expired
from deadwax.infrastructure.container import Container

_DEAD_SECONDS = 86_400.0
"""A process that stored something wrote to it within a day, or has ended."""


def tidy(container: Container) -> None:
    """Delete uploads whose time is over, files of uploads that are gone, and what processes left
    in the store that ended in the middle."""
    removes = {Way.TUS: container.tus.remove}
    if container.direct_uploads:
        removes[Way.DIRECT] = container.direct_uploads.remove
    remove_expired(container.uploads, removes)
    container.tus.sweep(container.settings.upload_seconds)
    container.asset_store.sweep(_DEAD_SECONDS)
