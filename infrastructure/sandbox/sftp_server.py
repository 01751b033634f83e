"""The SFTP server of the sandbox DSP: one account, shut into its upload folder."""

from __future__ import annotations

import asyncio
import hmac
import threading
from concurrent.futures import Future
from pathlib import Path

import asyncssh


class SftpServer:
    """Serves `folder` to one account in a thread of its own.

    With port 0 a free port is taken at the first start and kept for later ones.
    """

    def __init__(
        self,
        folder: Path,
        host: str,
        port: int,
        host_key: asyncssh.SSHKey,
        username: str,
        password: str | None,
        authorized_key: asyncssh.SSHKey | None,
    ) -> None:
        self.port = port
        self._folder = folder
        self._host = host
        self._host_key = host_key
        self._account = (username, password, authorized_key)
        self._connections: set[asyncssh.SSHServerConnection] = set()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event

    def start(self) -> None:
        """Listen; raises OSError when the port is taken."""
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="sandbox-sftp", daemon=True
        )
        self._thread.start()
        started.result()

    def stop(self) -> None:
        """Stop listening and drop every connection."""
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
            self._thread = None

    async def _serve(self, started: Future[None]) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        try:
            acceptor = await asyncssh.create_server(
                lambda: _Account(self._connections, *self._account),
                self._host,
                self.port,
                server_host_keys=[self._host_key],
                sftp_factory=lambda channel: asyncssh.SFTPServer(
                    channel, chroot=bytes(self._folder)
                ),
            )
        except OSError as error:
            started.set_exception(error)
            self._thread = None
            return
        self.port = acceptor.get_port()
        started.set_result(None)
        await self._stop.wait()
        acceptor.close()
        for connection in tuple(self._connections):
            connection.abort()
        await acceptor.wait_closed()


class _Account(asyncssh.SSHServer):
    def __init__(
        self,
        connections: set[asyncssh.SSHServerConnection],
        username: str,
        password: str | None,
        authorized_key: asyncssh.SSHKey | None,
    ) -> None:
        self._connections = connections
        self._username = username
        self._password = password
        self._authorized_key = authorized_key

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._conn = conn
        self._connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self._conn)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return self._password is not None

    def validate_password(self, username: str, password: str) -> bool:
        expected = self._password
        return (
            expected is not None
            and username == self._username
            and hmac.compare_digest(password.encode(), expected.encode())
        )

    def public_key_auth_supported(self) -> bool:
        return self._authorized_key is not None

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        expected = self._authorized_key
        return (
            expected is not None
            and username == self._username
            and key.public_data == expected.public_data
        )
