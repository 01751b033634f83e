"""Pictures of stored audio, drawn once."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import structlog

from deadwax.application.media import MediaTools, Picture
from deadwax.application.ports import AssetStore

_log = structlog.get_logger()

DRAWING = "2"
"""Raised when the same file would be drawn differently."""
MOST_BYTES = 512 << 20


class PictureCache:
    """Files below `root`, which may be wiped at any time. When they take more than `most` bytes,
    those that were not asked for the longest go. Thread-safe, and for several processes."""

    def __init__(
        self, root: Path, store: AssetStore, media: MediaTools, most: int = MOST_BYTES
    ) -> None:
        self._root, self._store, self._media, self._most = root, store, media, most

    def get(self, sha256: str, picture: Picture) -> bytes:
        """Refused for what is no audio; NotFound where no such file is stored."""
        path = self._root / DRAWING / sha256[:2] / f"{sha256}.{picture}"
        try:
            drawn = path.read_bytes()
            os.utime(path)
        except OSError:  # not drawn yet, or wiped meanwhile
            with self._store.local(sha256) as local:
                drawn = self._media.picture(local, picture)
            self._keep(path, drawn)
        return drawn

    def _keep(self, path: Path, drawn: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(drawn)
            os.replace(file.name, path)
            self._shrink()
        except OSError as error:  # who asked gets the picture all the same
            _log.warning("picture_not_kept", error=str(error))

    def _shrink(self) -> None:
        found = [(path.stat(), path) for path in self._root.rglob("*") if path.is_file()]
        total = sum(stat.st_size for stat, _ in found)
        for stat, path in sorted(found, key=lambda entry: entry[0].st_mtime):
            if total <= self._most:
                return
            path.unlink(missing_ok=True)
            total -= stat.st_size
