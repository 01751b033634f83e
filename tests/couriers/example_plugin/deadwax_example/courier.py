"""Delivers to a tray: a server that takes one JSON line at a time over TCP, and answers with one.

    {"do": "put", "key": ..., "path": ..., "data": base64}   -> {"ok": true}

Made up for this example; see `tray.py` for the server that the tests run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import socket
import time
from collections.abc import Callable
from typing import Any

from deadwax.application.errors import DeliveryFailed, Stopped, Unsupported
from deadwax.application.ports import Can, OutgoingFile, Probe, RemoteFile
from deadwax.domain.addresses.plugin import PluginAddress
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.opening import Opening

_BLOCK = 256 * 1024
_CATEGORIES = {
    "refused": FailureCategory.AUTH_INVALID,
    "absent": FailureCategory.NOT_FOUND,
    "stands": FailureCategory.INTEGRITY,
    "full": FailureCategory.QUOTA_EXCEEDED,
}


def open_courier(address: PluginAddress, opening: Opening) -> TrayCourier:
    """Needs the option `port`, and a secret: the tray's key."""
    port = address.options.get("port")
    if not isinstance(port, int) or address.secret is None:
        raise DeliveryFailed(
            FailureCategory.METADATA_INVALID, "A tray needs the option port, and a secret."
        )
    return TrayCourier(str(address.host), port, opening.secret(address.secret), opening)


class TrayCourier:
    """See application.ports.Courier. A file goes as one request, beside its path until it is
    published: nothing is resumed, and nothing is listed or fetched."""

    can = frozenset({Can.LOOK, Can.REMOVE})

    def __init__(self, host: str, port: int, key: str, opening: Opening) -> None:
        self._key = key
        try:
            self._socket = socket.create_connection((host, port), opening.stall_seconds)
        except OSError as error:
            raise _unreachable(error) from error
        self._answers = self._socket.makefile("rb")

    def upload(
        self,
        file: OutgoingFile,
        *,
        keep_going: Callable[[], bool],
        progress: Callable[[int], None],
    ) -> None:
        standing = self.size(file.path)
        if standing == file.size:
            return
        if standing is not None:
            raise DeliveryFailed(
                FailureCategory.INTEGRITY, f"{file.path} stands there with {standing} bytes."
            )
        data = _read(file, keep_going)
        self._ask("put", path=file.path, data=base64.b64encode(data).decode())
        progress(len(data))

    def publish(self, path: str) -> None:
        self._ask("publish", path=path)

    def verify(self, file: OutgoingFile) -> str:
        found = self._ask("look", path=file.path)
        if found["sha256"] != file.sha256:
            raise DeliveryFailed(FailureCategory.INTEGRITY, f"{file.path} is another file there.")
        return "sha256"

    def size(self, path: str) -> int | None:
        try:
            return int(self._ask("look", path=path)["size"])
        except DeliveryFailed as failed:
            if failed.category is FailureCategory.NOT_FOUND:
                return None
            raise

    def pending(self, path: str) -> bool:
        return bool(self._ask("pending", path=path)["pending"])

    def list(self, folder: str) -> list[RemoteFile]:
        raise Unsupported("list")

    def fetch(self, path: str, limit: int) -> bytes:
        raise Unsupported("fetch")

    def remove(self, path: str) -> None:
        self._ask("remove", path=path)

    def probe(self) -> Probe:
        path, started = f".probe-{secrets.token_hex(8)}", time.perf_counter()
        self._ask("put", path=path, data="")
        latency_ms = (time.perf_counter() - started) * 1000
        self._ask("remove", path=path)
        return Probe({}, latency_ms, ("write", "delete"))

    def close(self) -> None:
        self._answers.close()
        self._socket.close()

    def _ask(self, what: str, **more: str) -> dict[str, Any]:
        try:
            line = json.dumps({"do": what, "key": self._key, **more}) + "\n"
            self._socket.sendall(line.encode())
            answer = self._answers.readline()
        except OSError as error:
            raise _unreachable(error) from error
        if not answer:
            raise DeliveryFailed(FailureCategory.NETWORK_CONNECTIVITY, "The tray hung up.")
        found: dict[str, Any] = json.loads(answer)
        if "error" in found:
            category = _CATEGORIES.get(found["error"], FailureCategory.UNKNOWN)
            raise DeliveryFailed(category, f"The tray said {found['error']} to {what}.")
        return found


def _read(file: OutgoingFile, keep_going: Callable[[], bool]) -> bytes:
    """The whole file: trays are for small ones. Raises if it is not the one on record."""
    data = bytearray()
    try:
        with file.open() as stored:
            while block := stored.read(_BLOCK):
                if not keep_going():
                    raise Stopped("The worker was asked to stop.")
                data += block
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DeliveryFailed(
            FailureCategory.UNKNOWN, f"An asset could not be read from our own store: {reason}."
        ) from error
    if (len(data), hashlib.sha256(data).hexdigest()) != (file.size, file.sha256):
        raise DeliveryFailed(
            FailureCategory.INTEGRITY, f"Our bytes of {file.path} are not those on record."
        )
    return bytes(data)


def _unreachable(error: OSError) -> DeliveryFailed:
    category = (
        FailureCategory.NETWORK_TIMEOUT
        if isinstance(error, TimeoutError)
        else FailureCategory.NETWORK_CONNECTIVITY
    )
    return DeliveryFailed(category, f"The tray: {type(error).__name__}.")
