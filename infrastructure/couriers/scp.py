"""Delivers files by SCP.

The protocol itself only writes files. All else is done by a few commands of a POSIX shell, above
all the rename that shows a file in one step: a server that lets us run none is refused.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import paramiko

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.ssh import ScpAddress
from deadwax.domain.failures import FailureCategory
from deadwax.domain.file_names import PARTIAL
from deadwax.infrastructure.couriers import scp_scripts as scripts
from deadwax.infrastructure.couriers.host_keys import connect
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.own_file import not_as_recorded, own_file
from deadwax.infrastructure.couriers.remote_shell import RemoteShell, ScriptFailed
from deadwax.infrastructure.couriers.scp_upload import send
from deadwax.infrastructure.couriers.ssh import SshConnection

_BLOCK = 256 * 1024


def open_courier(address: ScpAddress, opening: Opening) -> ScpCourier:
    """Connect and log in. Raises DeliveryFailed; see host_keys.connect. PERMISSION_DENIED where
    the server lets us run no commands."""
    connection = connect(address, opening)
    try:
        return ScpCourier(connection, address.root)
    except BaseException:
        connection.close()
        raise


class ScpCourier:
    """See application.ports.Courier for the contract. The protocol cannot go on where an upload
    ended: it starts over. Not thread-safe."""

    can = frozenset(Can) - {Can.RESUME}

    def __init__(self, connection: SshConnection, root: str) -> None:
        self._connection, self._root = connection, root
        self._shell = self._started_shell()

    def _started_shell(self) -> RemoteShell:
        """Raises DeliveryFailed(PERMISSION_DENIED) where there is none, or not what we need."""
        token = secrets.token_hex(8)
        with self._connection.call("looking for a shell"):
            try:
                shell = RemoteShell(self._connection)
                answer = shell.run(scripts.echo(token)).strip()
            except (ScriptFailed, OSError, EOFError, paramiko.SSHException) as failed:
                if not self._connection.alive:
                    raise
                answer = str(failed).encode()
        if answer == token.encode():
            return shell
        said = answer.decode("utf-8", "replace") or "it said nothing"
        raise self._connection.failure(
            FailureCategory.PERMISSION_DENIED,
            "by SCP alone no file can be renamed, and the server does not let us run the commands "
            f"that can ({said}). Deliver by SFTP, or ask the platform to allow them",
        )

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        path, part = self._at(file.path), self._at(file.path + PARTIAL)
        with self._call(f"upload of {path}", path):
            standing = self._size(path)
            if standing == file.size:
                return
            if standing is not None:
                raise self._broken(f"{path} stands with {standing} bytes instead of {file.size}")
            self._shell.run(scripts.make_way(self._root, part))
            with own_file(file, _BLOCK, keep_going) as ours:
                send(self._shell, part, ours, progress)
            if not ours.is_as_recorded:
                self._shell.run(scripts.remove(part))
                raise not_as_recorded(file.path)
            stored = self._size(part)
            if stored != file.size:
                self._shell.run(scripts.remove(part))
                raise self._broken(f"{part} held {stored} bytes after {file.size} were sent")

    def publish(self, path: str) -> None:
        path = self._at(path)
        with self._call(f"publishing {path}", path):
            match self._shell.run(scripts.publish(path + PARTIAL, path)).strip():
                case b"done":
                    return
                case b"differs":
                    raise self._broken(f"{path} stands already and is a different file")
                case b"missing":
                    raise self._not_there(path + PARTIAL)
                case said:
                    raise ScriptFailed(1, said.decode("utf-8", "replace"))

    def verify(self, file: OutgoingFile) -> str:
        path = self._at(file.path)
        with self._call(f"verifying {path}", path):
            stands = self._size(path)
            if stands is None:
                raise self._not_there(path)
            if stands != file.size:
                raise self._broken(f"{path} has {stands} bytes instead of {file.size}")
            digest = self._shell.run(scripts.sha256(path)).split()
            if not digest:
                return "size"
            if digest[-1].decode() != file.sha256:
                raise self._broken(f"{path} has another digest than what was sent")
            return "sha256"

    def size(self, path: str) -> int | None:
        path = self._at(path)
        with self._call(f"looking at {path}", path):
            return self._size(path)

    def pending(self, path: str) -> bool:
        return self.size(path + PARTIAL) is not None

    def list(self, folder: str) -> list[RemoteFile]:
        place = self._at(folder)
        with self._call(f"listing {place}", place):
            listed = self._shell.run(scripts.files(place))
        found = []
        for entry in listed.split(b"\0")[:-1]:
            size, _, name = entry.decode().partition("/")
            if not name.endswith(PARTIAL):
                found.append(RemoteFile(posixpath.join(folder, name), int(size)))
        return sorted(found, key=lambda file: file.path)

    def fetch(self, path: str, limit: int) -> bytes:
        path = self._at(path)
        with self._call(f"fetching {path}", path):
            if self._size(path) is None:
                raise self._not_there(path)
            data = self._shell.run(scripts.beginning(path, limit + 1))
            if len(data) > limit:
                raise self._broken(f"{path} is larger than {limit} bytes")
            return data

    def remove(self, path: str) -> None:
        path = self._at(path)
        with self._call(f"removing {path}", path):
            self._shell.run(scripts.remove(path, path + PARTIAL))

    def probe(self) -> Probe:
        content = secrets.token_bytes(64)
        name, digest = f".deadwax-probe-{secrets.token_hex(8)}", hashlib.sha256(content)
        file = OutgoingFile(name, len(content), digest.hexdigest(), lambda: io.BytesIO(content))
        path = self._at(file.path)
        with self._call(f"probing {self._root}", path):
            started = time.perf_counter()
            self._shell.run(scripts.echo("here"))
            latency_ms = (time.perf_counter() - started) * 1000
        try:
            self.upload(file, keep_going=lambda: True, progress=lambda _: None)
            self.publish(file.path)
            if self.fetch(file.path, file.size) != content:
                raise self._broken(f"{path} reads back other bytes than were written")
        finally:
            with suppress(DeliveryFailed):
                self.remove(file.path)
        if self.size(file.path) is not None:
            raise self._broken(f"{path} was deleted and still stands")
        steps = ("connect", "check host key", "log in", "write", "rename", "read back", "delete")
        proof = {"host_key": self._connection.host_key}
        return Probe(proof, latency_ms, steps, self._free_bytes())

    def close(self) -> None:
        self._connection.close()

    def _at(self, path: str) -> str:
        return posixpath.join(self._root, path)

    def _size(self, path: str) -> int | None:
        answer = self._shell.run(scripts.size(path)).strip()
        return int(answer) if answer else None

    def _free_bytes(self) -> int | None:
        with self._call(f"looking at {self._root}", self._root):
            free = self._shell.run(scripts.free_kilobytes(self._root)).strip()
        return int(free) * 1024 if free.isdigit() else None

    def _broken(self, words: str) -> DeliveryFailed:
        return self._connection.failure(FailureCategory.INTEGRITY, words)

    def _not_there(self, path: str) -> DeliveryFailed:
        return self._connection.failure(FailureCategory.NOT_FOUND, f"{path} is not there")

    @contextmanager
    def _call(self, what: str, path: str) -> Iterator[None]:
        with self._connection.call(what):
            try:
                yield
            except ScriptFailed as failed:
                raise self._connection.failure(
                    self._why(path), f"{what}: {failed or f'exit status {failed.status}'}"
                ) from failed

    def _why(self, path: str) -> FailureCategory:
        """A command tells only that it failed: what stands in its way is looked for."""
        try:
            found = self._shell.run(scripts.hindrance(self._root, posixpath.dirname(path)))
        except ScriptFailed:
            return FailureCategory.UNKNOWN
        return _HINDRANCES.get(found.strip(), FailureCategory.UNKNOWN)


_HINDRANCES = {
    b"missing": FailureCategory.NOT_FOUND,
    b"denied": FailureCategory.PERMISSION_DENIED,
    b"full": FailureCategory.QUOTA_EXCEEDED,
}
