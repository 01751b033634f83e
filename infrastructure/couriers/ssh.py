"""An SSH connection to a delivery target: the host key first, then the credential."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import paramiko

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.keys import ExpiredCertificate, UnusableKey
from deadwax.infrastructure.couriers.ssh_login import Credentials, LoginRefused
from deadwax.infrastructure.couriers.stall import StallWatch

# Paramiko logs each broken connection with a traceback; every one reaches the caller as
# DeliveryFailed, which is logged where it is handled.
logging.getLogger("paramiko").setLevel(logging.CRITICAL)

_FASTEST_CIPHER = "aes128-gcm@openssh.com"
_KEEPALIVE_SECONDS = 15

# All that paramiko raises for what the other side did, or for its absence.
REMOTE_ERRORS = (OSError, EOFError, UnicodeError, paramiko.SSHException, paramiko.SFTPError)


class SshConnection:
    """A connection that has shaken hands and is not logged in.

    Raises DeliveryFailed: NETWORK_CONNECTIVITY when the server cannot be reached or does
    not speak SSH, NETWORK_TIMEOUT when it stays silent for `stall_seconds`.
    """

    def __init__(
        self, host: str, port: int, stall_seconds: float, key_types: Sequence[str] = ()
    ) -> None:
        """`key_types` are the kinds of host keys to ask for, the best first; any without."""
        self._where = f"{host}:{port}"
        self._sock = self._dial(host, port, stall_seconds)
        self._watch = StallWatch(self._sock, stall_seconds)
        self._transport = _transport(self._sock, stall_seconds)
        if key_types:
            self._transport.get_security_options().key_types = tuple(key_types)
        try:
            with self.call("SSH handshake"):
                self._transport.start_client()
                key = self._transport.get_remote_server_key()
                self.host_key, self.host_key_type = key.fingerprint, key.get_name()
        except BaseException:
            self.close()
            raise

    def _dial(self, host: str, port: int, seconds: float) -> socket.socket:
        try:
            sock = socket.create_connection((host, port), timeout=seconds)
        except TimeoutError:
            raise self.failure(
                FailureCategory.NETWORK_TIMEOUT, f"no answer within {seconds:g} seconds"
            ) from None
        except OSError as error:
            raise self.failure(FailureCategory.NETWORK_CONNECTIVITY, str(error)) from error
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def log_in(self, credentials: Credentials) -> None:
        """Only to a server whose host key is trusted."""
        with self.call(f"login as {credentials.username}"):
            try:
                credentials.log_in(self._transport)
            except (UnusableKey, LoginRefused) as error:
                raise self.failure(FailureCategory.AUTH_INVALID, str(error)) from None
            except ExpiredCertificate as error:
                raise self.failure(FailureCategory.AUTH_EXPIRED, str(error)) from None
            self.moved()
            self._transport.set_keepalive(_KEEPALIVE_SECONDS)

    def sftp(self) -> paramiko.SFTPClient:
        with self.call("starting SFTP"):
            client = paramiko.SFTPClient.from_transport(self._transport)
            assert client is not None
            return client

    def execute(self, command: str) -> paramiko.Channel:
        """Start a command on the other side."""
        channel = self._transport.open_session()
        channel.exec_command(command)
        return channel

    @contextmanager
    def call(self, what: str) -> Iterator[None]:
        """Watch for a stall, and turn what paramiko raises into DeliveryFailed."""
        with self._watch.watching():
            try:
                yield
            except REMOTE_ERRORS as error:
                if self._watch.stalled:
                    words = f"{what}: nothing moved for {self._watch.seconds:g} seconds"
                    raise self.failure(FailureCategory.NETWORK_TIMEOUT, words) from error
                words = f"{what}: {error or type(error).__name__}"
                raise self.failure(self._category(error), words) from error

    def _category(self, error: Exception) -> FailureCategory:
        match error:
            case TimeoutError():
                return FailureCategory.NETWORK_TIMEOUT
            case PermissionError():
                return FailureCategory.PERMISSION_DENIED
            case FileNotFoundError():
                return FailureCategory.NOT_FOUND
            # Paramiko raises AuthenticationException for a connection lost during login too.
            case paramiko.AuthenticationException() if self.alive:
                return FailureCategory.AUTH_INVALID
            case EOFError() | ConnectionError() | paramiko.SSHException():
                return FailureCategory.NETWORK_CONNECTIVITY
            case _ if not self.alive:
                return FailureCategory.NETWORK_CONNECTIVITY
            case _:
                return FailureCategory.UNKNOWN

    def failure(self, category: FailureCategory, words: str) -> DeliveryFailed:
        return DeliveryFailed(category, f"{self._where}: {words}.")

    @property
    def alive(self) -> bool:
        return self._transport.is_active()

    def moved(self) -> None:
        """Tell the stall watch that the call in progress made some."""
        self._watch.moved()

    def reading(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks of a file of ours: waiting for them (a cap on bandwidth) is no stall of the
        other side."""
        while True:
            self._watch.rest()
            block = next(blocks, None)
            self.moved()
            if block is None:
                return
            yield block

    def close(self) -> None:
        self._watch.close()
        self._transport.close()
        self._sock.close()


def _transport(sock: socket.socket, stall_seconds: float) -> paramiko.Transport:
    transport = paramiko.Transport(sock)
    options = transport.get_security_options()
    others = tuple(name for name in options.ciphers if name != _FASTEST_CIPHER)
    options.ciphers = (_FASTEST_CIPHER, *others)
    # Later than the stall watch, so that one place decides what a timeout is.
    transport.banner_timeout = transport.handshake_timeout = stall_seconds * 2
    transport.auth_timeout = transport.channel_timeout = stall_seconds * 2
    return transport
