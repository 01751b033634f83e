"""Assets in a local directory, named by their hash."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from deadwax.application.errors import NotFound
from deadwax.application.ports import StoredAsset


class LocalAssets:
    """`<root>/ab/cd/abcd…`; a file appears under its name only when it is whole and synced."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(
        self,
        chunks: Iterable[bytes],
        check: Callable[[StoredAsset, str], None] = lambda asset, path: None,
    ) -> StoredAsset:
        incoming = self._root / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=incoming)
        try:
            with os.fdopen(handle, "wb") as file:
                stored = _copy(chunks, file)
                os.fsync(file.fileno())
            check(stored, name)
            final = self._at(stored.sha256)
            final.parent.mkdir(parents=True, exist_ok=True)
            os.replace(name, final)
            _sync_folder(final.parent)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
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

    def _at(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256[2:4] / sha256


def _copy(chunks: Iterable[bytes], file: BinaryIO) -> StoredAsset:
    sha256, md5, size = hashlib.sha256(), hashlib.md5(usedforsecurity=False), 0
    for chunk in chunks:
        file.write(chunk)
        sha256.update(chunk)
        md5.update(chunk)
        size += len(chunk)
    return StoredAsset(sha256=sha256.hexdigest(), md5=md5.hexdigest(), size=size)


def _sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
