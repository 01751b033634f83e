"""Delivers files by SFTP."""

from __future__ import annotations

import posixpath
import secrets
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.ssh import SftpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.domain.file_names import PARTIAL
from deadwax.infrastructure.couriers.host_keys import connect
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.own_file import not_as_recorded
from deadwax.infrastructure.couriers.sftp_upload import PartUpload
from deadwax.infrastructure.couriers.sftp_verify import Comparison, Differs
from deadwax.infrastructure.couriers.sftp_wire import free_bytes, largest_write
from deadwax.infrastructure.couriers.ssh import REMOTE_ERRORS, SshConnection


def open_courier(address: SftpAddress, opening: Opening) -> SftpCourier:
    """Connect and log in. Raises DeliveryFailed; see host_keys.connect."""
    connection = connect(address, opening)
    try:
        return SftpCourier(connection, address.root)
    except BaseException:
        connection.close()
        raise


class SftpCourier:
    """One SFTP session; see application.ports.Courier for the contract. Not thread-safe."""

    can = frozenset(Can)

    def __init__(self, connection: SshConnection, root: str) -> None:
        self._connection = connection
        self._client = connection.sftp()
        self._root = root
        self._comparison = Comparison(connection, self._client)
        self._folders: set[str] = set()
        with self._call("opening the session"):
            self._block = largest_write(self._client)

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        with self._call(f"upload of {self._at(file.path)}"):
            standing = self._size(file.path)
            if standing == file.size:
                return
            if standing is not None:
                raise self._broken(
                    f"{self._at(file.path)} stands with {standing} bytes instead of {file.size}"
                )
            self._make_folder(posixpath.dirname(file.path))
            part = file.path + PARTIAL
            sending = PartUpload(
                self._connection, self._client, self._at(part), self._block, keep_going
            )
            if not sending.send(file, progress):
                self._client.remove(self._at(part))
                raise not_as_recorded(file.path)
            stored = self._size(part)
            if stored != file.size:
                self._client.remove(self._at(part))
                raise self._broken(
                    f"{self._at(part)} held {stored} bytes after {file.size} were sent"
                )

    def publish(self, path: str) -> None:
        part = path + PARTIAL
        with self._call(f"publishing {self._at(path)}"):
            if self._size(path) is None:
                self._rename(part, path)
            elif self._size(part) is not None:
                if not self._same_bytes(part, path):
                    raise self._broken(f"{self._at(path)} stands already and is a different file")
                self._client.remove(self._at(part))

    def _rename(self, old: str, new: str) -> None:
        try:
            self._client.posix_rename(self._at(old), self._at(new))
        except (FileNotFoundError, PermissionError):
            raise
        except OSError:
            # The extension is missing, or refused; the plain rename never replaces a file.
            self._plainly_rename(self._at(old), self._at(new))

    def _plainly_rename(self, old: str, new: str) -> None:
        try:
            self._client.rename(old, new)
        except (FileNotFoundError, PermissionError):
            raise
        except OSError as error:
            if error.errno is not None or self._is_closed() or self._is_full():
                raise
            raise self._connection.failure(
                FailureCategory.PERMISSION_DENIED,
                f"the server refuses to rename {old} to {new} ({error}), so nothing can be "
                "published there",
            ) from error

    def _same_bytes(self, one: str, other: str) -> bool:
        with (
            self._client.open(self._at(one), "rb") as first,
            self._client.open(self._at(other), "rb") as second,
        ):
            first.MAX_REQUEST_SIZE = second.MAX_REQUEST_SIZE = self._block
            while (block := first.read(self._block)) == second.read(self._block):
                self._connection.moved()
                if not block:
                    return True
        return False

    def size(self, path: str) -> int | None:
        with self._call(f"looking at {self._at(path)}"):
            return self._size(path)

    def list(self, folder: str) -> list[RemoteFile]:
        with self._call(f"listing {self._at(folder)}"):
            if not self._is_folder(folder):
                return []
            entries = self._client.listdir_attr(self._at(folder))
        return [
            RemoteFile(posixpath.join(folder, entry.filename), entry.st_size or 0)
            for entry in sorted(entries, key=lambda entry: entry.filename)
            if stat.S_ISREG(entry.st_mode or 0) and _is_published(entry.filename)
        ]

    def fetch(self, path: str, limit: int) -> bytes:
        with (
            self._call(f"fetching {self._at(path)}"),
            self._client.open(self._at(path), "rb") as remote,
        ):
            data: bytes = remote.read(limit + 1)
        if len(data) > limit:
            raise self._broken(f"{self._at(path)} is larger than {limit} bytes")
        return data

    def probe(self) -> Probe:
        name = f".deadwax-probe-{secrets.token_hex(8)}"
        content = secrets.token_bytes(64)
        client, path = self._client, self._at(name)
        steps = ["connect", "check host key", "log in"]
        with self._call(f"probing {self._root}"):
            started = time.perf_counter()
            client.stat(self._root)
            latency_ms = (time.perf_counter() - started) * 1000
            try:
                with client.open(path + PARTIAL, "wb") as remote:
                    remote.write(content)
                steps.append("write")
                self._rename(name + PARTIAL, name)
                steps.append("rename")
                with client.open(path, "rb") as remote:
                    if remote.read() != content:
                        raise self._broken(f"{path} reads back other bytes than were written")
                steps.append("read back")
                client.remove(path)
                steps.append("delete")
            except BaseException:
                for leftover in (path + PARTIAL, path):
                    with suppress(*REMOTE_ERRORS):
                        client.remove(leftover)
                raise
            free = self._free_bytes()
        proof = {"host_key": self._connection.host_key}
        return Probe(proof, latency_ms, tuple(steps), free)

    def close(self) -> None:
        self._connection.close()

    def pending(self, path: str) -> bool:
        with self._call(f"looking at {self._at(path)}"):
            return self._size(path + PARTIAL) is not None

    def remove(self, path: str) -> None:
        with self._call(f"removing {self._at(path)}"):
            for name in (path, path + PARTIAL):
                with suppress(FileNotFoundError):
                    self._client.remove(self._at(name))

    def verify(self, file: OutgoingFile) -> str:
        path = self._at(file.path)
        with self._call(f"verifying {path}"):
            stands = self._size(file.path)
            if stands is None:
                raise self._connection.failure(FailureCategory.NOT_FOUND, f"{path} is not there")
            if stands != file.size:
                raise self._broken(f"{path} has {stands} bytes instead of {file.size}")
            try:
                return self._comparison.compare(path, file)
            except Differs:
                raise self._broken(f"{path} reads back other bytes than were sent") from None

    def _broken(self, words: str) -> DeliveryFailed:
        return self._connection.failure(FailureCategory.INTEGRITY, words)

    def _at(self, path: str) -> str:
        return posixpath.join(self._root, path)

    def _size(self, path: str) -> int | None:
        try:
            return self._client.stat(self._at(path)).st_size
        except FileNotFoundError:
            return None

    def _is_folder(self, folder: str) -> bool:
        try:
            return stat.S_ISDIR(self._client.stat(self._at(folder)).st_mode or 0)
        except FileNotFoundError:
            return False

    def _make_folder(self, folder: str) -> None:
        """mkdir -p below the root, which has to exist."""
        if not folder or folder in self._folders:
            return
        if not self._is_folder(folder):
            self._make_folder(posixpath.dirname(folder))
            try:
                self._client.mkdir(self._at(folder))
            except OSError:
                # Another upload may have made it meanwhile.
                if not self._is_folder(folder):
                    raise
        self._folders.add(folder)

    @contextmanager
    def _call(self, what: str) -> Iterator[None]:
        with self._connection.call(what):
            try:
                yield
            except OSError as error:
                if error.errno is None and self._is_closed():
                    raise ConnectionAbortedError(str(error)) from error
                # SFTP 3 has one code, "Failure", for a full disk and for all that has none.
                if error.errno is None and self._is_full():
                    raise self._connection.failure(
                        FailureCategory.QUOTA_EXCEEDED, f"{what}: the server has no space left"
                    ) from error
                raise

    def _is_closed(self) -> bool:
        """Whether it was lost that all calls go over, which is noticed before the connection is:
        then no server has refused anything."""
        channel = self._client.get_channel()
        return channel is None or channel.closed

    def _is_full(self) -> bool:
        free = self._free_bytes()
        return free is not None and free < self._block

    def _free_bytes(self) -> int | None:
        """None where the server cannot tell."""
        with suppress(*REMOTE_ERRORS):
            return free_bytes(self._client, self._root) if self._connection.alive else None
        return None


def _is_published(name: str) -> bool:
    """A name with a slash would lead out of the folder: no honest server sends one."""
    return "/" not in name and not name.endswith(PARTIAL)
