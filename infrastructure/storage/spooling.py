"""Bytes on their way into a store: written to a local file, and hashed meanwhile."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deadwax.application.ports import StoredAsset
from deadwax.application.uploads import NoRoom

BLOCK = 1 << 20


class Digests:
    """The digests of what was added so far."""

    def __init__(self) -> None:
        self._sha256, self._md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
        self.size = 0

    def add(self, block: bytes) -> None:
        self._sha256.update(block)
        self._md5.update(block)
        self.size += len(block)

    def spoil(self) -> None:
        """They are of no bytes that are there any more."""
        self.size = -1

    @property
    def stored(self) -> StoredAsset:
        return StoredAsset(
            sha256=self._sha256.hexdigest(), md5=self._md5.hexdigest(), size=self.size
        )


def blocks_of(path: str | Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            yield block


def digests_of(path: str | Path) -> StoredAsset:
    digests = Digests()
    for block in blocks_of(path):
        digests.add(block)
    return digests.stored


@contextmanager
def full_disk_told() -> Iterator[None]:
    """Raises NoRoom for what the system says of a disk, or of a quota, that is full."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoRoom("There is no room for it now.") from error


@contextmanager
def spooled(chunks: Iterable[bytes], folder: Path) -> Iterator[tuple[StoredAsset, str]]:
    """A file in `folder` with all of `chunks`, and its digests; gone after the context, unless
    it was moved. Raises NoRoom."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, path = tempfile.mkstemp(dir=folder)
    try:
        digests = Digests()
        with full_disk_told(), os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digests.add(chunk)
        yield digests.stored, path
    finally:
        Path(path).unlink(missing_ok=True)


def sweep(folder: Path, seconds: float) -> None:
    """Delete what a process left there that ended in the middle: files that nobody wrote to for
    so long, and folders in which nothing was made."""
    before = time.time() - seconds
    for path in folder.iterdir() if folder.is_dir() else ():
        try:
            if path.stat().st_mtime < before:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:
            continue  # somebody else was faster
