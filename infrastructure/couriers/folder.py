"""Delivers files into a folder of this machine, or one that is mounted here."""

from __future__ import annotations

import errno
import hashlib
import os
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.local import FolderAddress
from deadwax.domain.failures import FailureCategory
from deadwax.domain.file_names import PARTIAL
from deadwax.infrastructure.couriers.beneath import Beneath, open_file
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.own_file import OwnFile, not_as_recorded, own_file

_BLOCK = 1024 * 1024

_CATEGORIES = {
    FailureCategory.QUOTA_EXCEEDED: {errno.ENOSPC, errno.EDQUOT, errno.EFBIG},
    FailureCategory.PERMISSION_DENIED: {
        *(errno.EACCES, errno.EPERM, errno.EROFS),
        *(errno.ELOOP, errno.ENOTDIR, errno.EISDIR),
    },
    FailureCategory.NOT_FOUND: {errno.ENOENT},
    FailureCategory.NETWORK_TIMEOUT: {errno.ETIMEDOUT},
    # What a mounted folder says when its server is gone.
    FailureCategory.NETWORK_CONNECTIVITY: {
        *(errno.ESTALE, errno.EHOSTDOWN, errno.EHOSTUNREACH, errno.ENOTCONN, errno.ECONNREFUSED),
        *(errno.ECONNRESET, errno.ENETUNREACH, errno.EREMOTEIO),
    },
}
_CATEGORY_OF = {number: category for category, found in _CATEGORIES.items() for number in found}


NO_FOLDER = (
    "This installation delivers into no folders: its operator names the one set aside for that as "
    "DEADWAX_DELIVERY_FOLDER."
)


def open_courier(address: FolderAddress, opening: Opening) -> FolderCourier:
    """Raises DeliveryFailed(NOT_FOUND) where the operator set no folder aside for deliveries, or
    none for this tenant. It is never made here: an unmounted disk, or a misspelled name, must not
    swallow a delivery."""
    if opening.folder is None:
        raise DeliveryFailed(FailureCategory.NOT_FOUND, NO_FOLDER)
    return FolderCourier(opening.folder, address.path, make=False)


class FolderCourier:
    """See application.ports.Courier for the contract. Not thread-safe.

    What was published is on the disk: file and folder are flushed before anything counts.
    """

    can = frozenset(Can)

    def __init__(self, top: Path, path: str, *, make: bool) -> None:
        """`path` is a folder below `top`; with `make` both are made where they are missing."""
        self._name = f"{top.name}/{path}"
        with self._call("opening"):
            within = Beneath.at(top.parent)
            try:
                self._files = within.below(self._name, make=make)
            finally:
                within.close()

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        with (
            self._call(f"upload of {file.path}"),
            self._files.parent(file.path, make=True) as (at, name),
        ):
            standing = _size(at, name)
            if standing == file.size:
                return
            if standing is not None:
                raise self._broken(
                    f"{file.path} stands with {standing} bytes instead of {file.size}"
                )
            part = name + PARTIAL
            with (
                own_file(file, _BLOCK, keep_going) as source,
                os.fdopen(open_file(at, part, os.O_RDWR | os.O_CREAT), "r+b") as target,
            ):
                _copy(source, target, file.size, progress)
                target.flush()
                os.fsync(target.fileno())
            if not source.is_as_recorded:
                os.unlink(part, dir_fd=at)
                raise not_as_recorded(file.path)
            os.fsync(at)

    def publish(self, path: str) -> None:
        with self._call(f"publishing {path}"), self._files.parent(path) as (at, name):
            part = name + PARTIAL
            if _size(at, part) is None and _size(at, name) is not None:
                return
            try:
                # Unlike a rename, a link never replaces what stands.
                os.link(part, name, src_dir_fd=at, dst_dir_fd=at, follow_symlinks=False)
            except FileExistsError:
                if not _same(at, part, name):
                    raise self._broken(f"{path} stands already and is a different file") from None
            os.fsync(at)
            os.unlink(part, dir_fd=at)
            os.fsync(at)

    def verify(self, file: OutgoingFile) -> str:
        with self._call(f"verifying {file.path}"), self._opened(file.path) as found:
            size = os.fstat(found.fileno()).st_size
            if size != file.size:
                raise self._broken(f"{file.path} has {size} bytes instead of {file.size}")
            if hashlib.file_digest(found, "sha256").hexdigest() != file.sha256:
                raise self._broken(f"{file.path} reads back other bytes than were written")
        return "sha256"

    def size(self, path: str) -> int | None:
        with self._call(f"looking at {path}"):
            return self._size(path)

    def pending(self, path: str) -> bool:
        with self._call(f"looking at {path}"):
            return self._size(path + PARTIAL) is not None

    def list(self, folder: str) -> list[RemoteFile]:
        with self._call(f"listing {folder}"), suppress(FileNotFoundError):
            with self._files.folder(folder) as at:
                names = sorted(name for name in os.listdir(at) if not name.endswith(PARTIAL))
                found = {name: _size(at, name) for name in names}
            lead = f"{folder}/" if folder else ""
            return [RemoteFile(lead + name, n) for name, n in found.items() if n is not None]
        return []

    def fetch(self, path: str, limit: int) -> bytes:
        with self._call(f"fetching {path}"), self._opened(path) as found:
            data = found.read(limit + 1)
        if len(data) > limit:
            raise self._broken(f"{path} is larger than {limit} bytes")
        return data

    def remove(self, path: str) -> None:
        with (
            self._call(f"removing {path}"),
            suppress(FileNotFoundError),
            self._files.parent(path) as (at, name),
        ):
            for each in (name, name + PARTIAL):
                with suppress(FileNotFoundError):
                    os.unlink(each, dir_fd=at)
            os.fsync(at)

    def probe(self) -> Probe:
        name, content = f".deadwax-probe-{secrets.token_hex(8)}", secrets.token_bytes(64)
        part = name + PARTIAL
        with self._call("probing"), self._files.folder("") as at:
            started = time.perf_counter()
            try:
                with os.fdopen(open_file(at, part, os.O_WRONLY | os.O_CREAT), "wb") as new:
                    new.write(content)
                self.publish(name)
                if self.fetch(name, len(content)) != content:
                    raise self._broken("the probe reads back other bytes than were written")
            finally:
                self.remove(name)
            took = (time.perf_counter() - started) * 1000
            room = os.fstatvfs(at)
        steps = ("write", "rename", "read back", "delete")
        return Probe({}, took, steps, room.f_bavail * room.f_frsize)

    def close(self) -> None:
        self._files.close()

    def _size(self, path: str) -> int | None:
        try:
            with self._files.parent(path) as (at, name):
                return _size(at, name)
        except FileNotFoundError:
            return None

    @contextmanager
    def _opened(self, path: str) -> Iterator[BufferedReader]:
        with self._files.parent(path) as (at, name):
            if _size(at, name) is None:
                raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
            with os.fdopen(open_file(at, name, os.O_RDONLY), "rb") as found:
                yield found

    def _broken(self, words: str) -> DeliveryFailed:
        return self._failure(FailureCategory.INTEGRITY, words)

    def _failure(self, category: FailureCategory, words: str) -> DeliveryFailed:
        return DeliveryFailed(category, f"folder {self._name}: {words}.")

    @contextmanager
    def _call(self, what: str) -> Iterator[None]:
        """Turn what the system says into DeliveryFailed."""
        try:
            yield
        except OSError as error:
            category = _CATEGORY_OF.get(error.errno or 0, FailureCategory.UNKNOWN)
            raise self._failure(category, f"{what}: {error.strerror}") from error
        except ValueError as error:
            raise self._failure(FailureCategory.PERMISSION_DENIED, f"{what}: {error}") from error


def _copy(source: OwnFile, target: BinaryIO, size: int, progress: Callable[[int], None]) -> None:
    """Write what the target lacks. What it has already is compared, and cut off where it is not
    ours: after a power cut it may be of the right length and hold something else."""
    kept = 0
    for block in source.blocks(size):
        if target.read(len(block)) != block:
            target.seek(kept)
            target.truncate()
            target.write(block)
            progress(len(block))
        kept += len(block)
    target.truncate(kept)


def _size(at: int, name: str) -> int | None:
    """Bytes of a regular file; None for what is none, a link among it."""
    try:
        found = os.stat(name, dir_fd=at, follow_symlinks=False)
    except FileNotFoundError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None


def _same(at: int, one: str, other: str) -> bool:
    """Whether two names are of one file, or of the same bytes."""
    with (
        os.fdopen(open_file(at, one, os.O_RDONLY), "rb") as first,
        os.fdopen(open_file(at, other, os.O_RDONLY), "rb") as second,
    ):
        if os.path.samestat(os.fstat(first.fileno()), os.fstat(second.fileno())):
            return True
        while (block := first.read(_BLOCK)) == second.read(_BLOCK):
            if not block:
                return True
    return False
