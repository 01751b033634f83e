"""The files of unfinished uploads: one each, locked by who writes to it.

The lock is the operating system's: it ends with the process that has it. The length of a file is
how far its upload is; nothing else says so, and so nothing else can be wrong.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from deadwax.application.errors import NotFound
from deadwax.application.ports import StoredAsset
from deadwax.application.uploads import UploadBusy
from deadwax.infrastructure.storage.spooling import Digests, blocks_of, full_disk_told

_REMEMBERED = 256
"""Uploads of which this process knows the digests so far."""


class UploadSpool:
    """Implements application.tus_uploads.Spool. Processes that serve the same upload must share
    `folder`, by a file system with locks."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: dict[UUID, tuple[Digests, int | None]] = {}

    def create(self, id: UUID) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._at(id).touch(exist_ok=False)

    @contextmanager
    def writing(self, id: UUID) -> Iterator[_Writing]:
        path = self._at(id)
        try:
            file = path.open("r+b", buffering=0)
        except FileNotFoundError:
            raise NotFound("upload", id) from None
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UploadBusy("Another request goes on with the upload.") from None
            if not path.exists():  # its last holder finished it
                raise NotFound("upload", id)
            seen, at = self._seen.pop(id, (Digests(), None))
            if at is not None and at != os.fstat(file.fileno()).st_mtime_ns:
                seen.spoil()  # another process wrote meanwhile
            try:
                yield _Writing(str(path), file, seen)
            finally:
                self._seen[id] = seen, os.fstat(file.fileno()).st_mtime_ns
                if len(self._seen) > _REMEMBERED:
                    self._seen.pop(next(iter(self._seen)))

    def size(self, id: UUID) -> int:
        try:
            with self._at(id).open("rb") as file:
                os.fsync(file.fileno())
                return os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            raise NotFound("upload", id) from None

    def blocks(self, id: UUID) -> Iterator[bytes]:
        return blocks_of(self._at(id))

    def remove(self, id: UUID) -> None:
        self._seen.pop(id, None)
        self._at(id).unlink(missing_ok=True)

    def free(self) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(self._folder).free

    def left(self, seconds: float) -> list[UUID]:
        found, before = [], time.time() - seconds
        for path in self._folder.glob("*-*-*-*-*"):
            with suppress(ValueError, FileNotFoundError):
                if path.stat().st_mtime < before:
                    found.append(UUID(path.name))
        return found

    def _at(self, id: UUID) -> Path:
        return self._folder / str(id)


class _Writing:
    """Hashes what is written, as long as this process saw all that came before."""

    def __init__(self, path: str, file: BinaryIO, digests: Digests) -> None:
        self.path = path
        self._file, self._digests = file, digests
        self._size = file.seek(0, os.SEEK_END)

    @property
    def size(self) -> int:
        return self._size

    @property
    def known(self) -> StoredAsset | None:
        return self._digests.stored if self._digests.size == self._size else None

    def write(self, block: bytes) -> None:
        if self._digests.size == self._size:
            self._digests.add(block)
        rest = memoryview(block)
        with full_disk_told():
            while rest:
                rest = rest[self._file.write(rest) :]
        self._size += len(block)

    def cut(self, size: int) -> None:
        self._digests.spoil()
        self._file.truncate(size)
        self._size = self._file.seek(size)

    def sync(self) -> None:
        os.fsync(self._file.fileno())
