"""Delivers files by FTP, in the clear or with TLS."""

from __future__ import annotations

import ftplib
import hashlib
import posixpath
import secrets
import ssl
import time
from collections.abc import Callable

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.ftp import FtpAddress, FtpsAddress
from deadwax.domain.failures import FailureCategory
from deadwax.domain.file_names import PARTIAL
from deadwax.infrastructure.couriers import ftp_files as remote
from deadwax.infrastructure.couriers.ftp_tls import Tls
from deadwax.infrastructure.couriers.ftp_upload import send
from deadwax.infrastructure.couriers.ftp_verify import compare
from deadwax.infrastructure.couriers.ftp_wire import FtpSession, said
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.own_file import not_as_recorded
from deadwax.infrastructure.couriers.probe_file import probe_by_file


def open_courier(address: FtpAddress | FtpsAddress, opening: Opening) -> FtpCourier:
    """Connect and log in. Raises DeliveryFailed; AUTH_INVALID when the certificate does not prove
    the server, and then nothing was sent."""
    tls = Tls.of(address, opening) if isinstance(address, FtpsAddress) else None
    password = opening.secret(address.secret)
    session = _connected(address, tls, opening.stall_seconds)
    try:
        session.enter(address.username, password)
        return FtpCourier(session, address.root)
    except BaseException:
        session.close()
        raise


def _connected(
    address: FtpAddress | FtpsAddress, tls: Tls | None, stall_seconds: float
) -> FtpSession:
    try:
        return FtpSession(address.host, address.port, stall_seconds, tls)
    except DeliveryFailed as failed:
        unproven = isinstance(failed.__cause__, ssl.SSLCertVerificationError)
        if tls is None or tls.pin or not unproven:
            raise
        try:
            looking = FtpSession(address.host, address.port, stall_seconds, tls.only_looking())
        except DeliveryFailed:
            raise failed from failed.__cause__
        looking.close()
        raise looking.failure(
            failed.category,
            f"{said(failed.__cause__ or failed)}. The server presented {looking.certificate}, and "
            "nothing was sent. Compare it with the platform's own statement, and set it as "
            "certificate of the target's address",
        ) from failed


class FtpCourier:
    """One FTP session; see application.ports.Courier for the contract. Not thread-safe.

    FTP cannot rename only if nothing stands there: `publish` looks first, and between the two a
    file of another's could be replaced where the server allows that.
    """

    can = frozenset(Can)

    def __init__(self, session: FtpSession, root: str) -> None:
        self._session = session
        self._folders: set[str] = set()
        with session.call("opening the session"):
            self._root = posixpath.normpath(posixpath.join(session.pwd(), root))

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        path, part = self._at(file.path), self._at(file.path + PARTIAL)
        with self._session.call(f"upload of {path}"):
            standing = remote.size_of(self._session, path)
            if standing == file.size:
                return
            if standing is not None:
                raise self._broken(f"{path} stands with {standing} bytes instead of {file.size}")
            self._make_folder(posixpath.dirname(path))
            if not send(self._session, part, file, keep_going, progress):
                remote.delete(self._session, part)
                raise not_as_recorded(file.path)
            stored = remote.size_of(self._session, part)
            if stored != file.size:
                remote.delete(self._session, part)
                raise self._broken(f"{part} held {stored} bytes after {file.size} were sent")

    def publish(self, path: str) -> None:
        place, part = self._at(path), self._at(path + PARTIAL)
        with self._session.call(f"publishing {place}"):
            standing = remote.size_of(self._session, place)
            waiting = remote.size_of(self._session, part)
            if standing is not None and waiting is not None:
                if waiting != standing or self._digest(part) != self._digest(place):
                    raise self._broken(f"{place} stands already and is a different file")
                remote.delete(self._session, part)
            elif waiting is not None:
                remote.rename(self._session, part, place)
            elif standing is None:
                raise self._missing(f"there is no {part} to publish")

    def verify(self, file: OutgoingFile) -> str:
        path = self._at(file.path)
        with self._session.call(f"verifying {path}"):
            stands = remote.size_of(self._session, path)
            if stands is None:
                raise self._missing(f"{path} is not there")
            if stands != file.size:
                raise self._broken(f"{path} has {stands} bytes instead of {file.size}")
            how = compare(self._session, path, file)
        if how is None:
            raise self._broken(f"{path} holds other bytes than were sent")
        return how

    def size(self, path: str) -> int | None:
        with self._session.call(f"looking at {self._at(path)}"):
            return remote.size_of(self._session, self._at(path))

    def pending(self, path: str) -> bool:
        return self.size(path + PARTIAL) is not None

    def list(self, folder: str) -> list[RemoteFile]:
        with self._session.call(f"listing {self._at(folder)}"):
            found = remote.files_in(self._session, self._at(folder))
        return [
            RemoteFile(posixpath.join(folder, name), size)
            for name, size in found.items()
            if not name.endswith(PARTIAL)
        ]

    def fetch(self, path: str, limit: int) -> bytes:
        place = self._at(path)
        with self._session.call(f"fetching {place}"):
            if remote.size_of(self._session, place) is None:
                raise self._missing(f"{place} is not there")
            data = remote.read(self._session, place, 0, limit + 1)
        if len(data) > limit:
            raise self._broken(f"{place} is larger than {limit} bytes")
        return data

    def remove(self, path: str) -> None:
        with self._session.call(f"removing {self._at(path)}"):
            for name in (path, path + PARTIAL):
                remote.delete(self._session, self._at(name))

    def probe(self) -> Probe:
        with self._session.call(f"probing {self._root}"):
            started = time.perf_counter()
            self._session.voidcmd("NOOP")
            latency_ms = (time.perf_counter() - started) * 1000
            if not remote.is_folder(self._session, self._root):
                raise self._missing(f"the root {self._root} is not there")
        shown = self._session.certificate
        proof = {"certificate": shown} if shown else {}
        return probe_by_file(self, secrets.token_hex(8), proof, latency_ms)

    def close(self) -> None:
        self._session.close()

    def _digest(self, path: str) -> str:
        """SHA-256 of what stands there, read in full."""
        found = hashlib.sha256()

        def take(block: bytes) -> bool:
            found.update(block)
            return False

        self._session.retrieve(f"RETR {path}", take)
        return found.hexdigest()

    def _make_folder(self, folder: str) -> None:
        """mkdir -p below the root, which has to exist."""
        if folder in self._folders:
            return
        if not remote.is_folder(self._session, folder):
            if folder == self._root:
                raise self._missing(f"the root {folder} is not there")
            self._make_folder(posixpath.dirname(folder))
            try:
                self._session.mkd(folder)
            except ftplib.error_perm:
                # Another upload may have made it meanwhile.
                if not remote.is_folder(self._session, folder):
                    raise
        self._folders.add(folder)

    def _at(self, path: str) -> str:
        return posixpath.join(self._root, path) if path else self._root

    def _broken(self, words: str) -> DeliveryFailed:
        return self._session.failure(FailureCategory.INTEGRITY, words)

    def _missing(self, words: str) -> DeliveryFailed:
        return self._session.failure(FailureCategory.NOT_FOUND, words)
