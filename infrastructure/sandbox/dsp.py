"""A DSP to deliver to: a real SFTP server with its own ingestion."""

from __future__ import annotations

import logging
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncssh

from deadwax.infrastructure.sandbox.arrivals import USUAL, Agreement
from deadwax.infrastructure.sandbox.checking import Checker
from deadwax.infrastructure.sandbox.folders import Folders
from deadwax.infrastructure.sandbox.ingestion import Ingestion
from deadwax.infrastructure.sandbox.sftp_server import SftpServer

_POLL_SECONDS = 0.2
_log = logging.getLogger(__name__)


class SandboxDsp:
    """An SFTP server on `host:port` (0: a free port) that ingests what is uploaded.

    All it keeps is below `root`: the sender's view in `upload/`, published releases in
    `live/<ICPN>/`, taken down ones in `removed/<ICPN>/`, its memory in `journal.jsonl`, its
    host key in `host_key`. Without `password` and `authorized_key` (an OpenSSH public key) it
    makes a key pair and keeps the private half for the sender in `client_key`.

    It accepts batches and single releases for `dpid` from `senders` (None: anybody with a
    DPID), laid out by the ERN choreographies 1.5 to 1.8 and by `agreement`, checks them against
    the XSDs in `schemas` if given, and with `consume` takes them away afterwards.
    """

    def __init__(
        self,
        root: Path,
        *,
        dpid: str,
        host: str = "127.0.0.1",
        port: int = 0,
        username: str = "deadwax",
        password: str | None = None,
        authorized_key: str | None = None,
        senders: frozenset[str] | None = None,
        schemas: Path | None = None,
        consume: bool = True,
        live_after: float = 0.0,
        agreement: Agreement = USUAL,
    ) -> None:
        self.folders = Folders(root)
        self.folders.create()
        self.dpid = dpid
        self.host = host
        self.username = username
        host_key = _kept_key(root / "host_key")
        self.fingerprint = host_key.get_fingerprint()
        self.client_key: Path | None = None
        login_key = None
        if authorized_key is not None:
            login_key = asyncssh.import_public_key(authorized_key)
        elif password is None:
            self.client_key = root / "client_key"
            login_key = _kept_key(self.client_key)
        self._server = SftpServer(
            self.folders.upload, host, port, host_key, username, password, login_key
        )
        self._checker = Checker(dpid, senders, schemas, agreement.checksums)
        self._agreement = agreement
        self._consume = consume
        self._live_after = timedelta(seconds=live_after)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def port(self) -> int:
        return self._server.port

    def start(self) -> None:
        """Serve and ingest until `stop`; may be started again, on the same port.

        Raises OSError when the port is taken.
        """
        self._server.start()
        self._stopping.clear()
        ingestion = Ingestion(
            self.folders, self._checker, self._consume, self._live_after, self._agreement
        )
        self._thread = threading.Thread(
            target=self._ingest, args=(ingestion,), name="sandbox-ingestion", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Drop all connections and end the pass in progress."""
        self._server.stop()
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def describe(self) -> dict[str, Any]:
        """How to reach it and where it keeps things, as JSON values."""
        return {
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "host_key": self.fingerprint,
            "client_key": str(self.client_key) if self.client_key else None,
            "dpid": self.dpid,
            "upload": str(self.folders.upload),
            "live": str(self.folders.live),
            "removed": str(self.folders.removed),
            "rejected": str(self.folders.rejected),
            "archive": str(self.folders.archive),
            "journal": str(self.folders.journal),
        }

    def _ingest(self, ingestion: Ingestion) -> None:
        while not self._stopping.is_set():
            try:
                ingestion.run_once()
            except OSError:
                # A full disk or a folder that its sender is changing: the next pass repeats it.
                _log.exception("The sandbox could not finish a pass over its uploads")
            self._stopping.wait(_POLL_SECONDS)


def _kept_key(path: Path) -> asyncssh.SSHKey:
    """The private key in `path`, made at the first call."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    return asyncssh.read_private_key(path)
