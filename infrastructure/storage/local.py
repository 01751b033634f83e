"""Assets in a local directory, named by their hash."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from deadwax.application.errors import NotFound
from deadwax.application.ports import Check, StoredAsset, unchecked
from deadwax.infrastructure.storage.spooling import blocks_of, digests_of, spooled, sweep

_NO_LINKS = (errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK)
"""From another file system, or on one that has none."""


class LocalAssets:
    """`<root>/ab/cd/abcd…`; a file appears under its name only when it is whole and synced."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, chunks: Iterable[bytes], check: Check = unchecked) -> StoredAsset:
        with spooled(chunks, self._incoming) as (stored, path):
            check(stored, path)
            self._keep(path, stored.sha256)
        return stored

    def take(
        self, path: str, check: Check = unchecked, known: StoredAsset | None = None
    ) -> StoredAsset:
        stored = known or digests_of(path)
        check(stored, path)
        self._incoming.mkdir(parents=True, exist_ok=True)
        second = self._incoming / uuid4().hex
        try:
            os.link(path, second)
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            self.put(blocks_of(path))
        else:
            self._keep(second, stored.sha256)
            second.unlink(missing_ok=True)  # it stays where both were the same file already
        return stored

    def open(self, sha256: str) -> BinaryIO:
        try:
            return self._at(sha256).open("rb")
        except FileNotFoundError:
            raise NotFound("asset", sha256) from None

    @contextmanager
    def local(self, sha256: str) -> Iterator[str]:
        path = self._at(sha256)
        if not path.is_file():
            raise NotFound("asset", sha256)
        yield str(path)

    def sweep(self, seconds: float) -> None:
        sweep(self._incoming, seconds)

    def all(self) -> Iterator[str]:
        """The SHA-256 of everything that is kept."""
        for path in sorted(self._root.glob("??/??/*")):
            yield path.name

    @property
    def _incoming(self) -> Path:
        return self._root / "incoming"

    def _keep(self, path: str | Path, sha256: str) -> None:
        _sync(path)
        final = self._at(sha256)
        final.parent.mkdir(parents=True, exist_ok=True)
        os.replace(path, final)
        _sync(final.parent)  # a rename is durable only once its folder is

    def _at(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256


def _sync(path: str | Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
