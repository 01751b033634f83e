"""An FTP session: the control connection, and one data connection at a time."""

from __future__ import annotations

import ftplib
import select
import socket
import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.ftp_failures import UNKNOWN_COMMAND, category_of, code_of
from deadwax.infrastructure.couriers.ftp_tls import Tls
from deadwax.infrastructure.couriers.stall import StallWatch

BLOCK = 256 * 1024
_KEEPALIVE_SECONDS = 30
_LONGEST_REPLY = 200

REMOTE_ERRORS = (ftplib.Error, OSError, EOFError)
"""All that the library raises for what the other side did, or for its absence."""


class FtpSession(ftplib.FTP):
    """Replies and names are UTF-8 (RFC 2640). What the library raises becomes DeliveryFailed
    within `call`; an idle connection is not watched."""

    def __init__(self, host: str, port: int, stall_seconds: float, tls: Tls | None) -> None:
        super().__init__(encoding="utf-8")
        self._where, self._seconds, self._tls = f"{host}:{port}", stall_seconds, tls
        self._watch = StallWatch(None, stall_seconds)
        self._logged_in = self._protected = False
        self.certificate: str | None = None
        try:
            with self.call("connecting"):
                self._connect(host, port)
        except BaseException:
            self.close()
            raise

    def _connect(self, host: str, port: int) -> None:
        sock = socket.create_connection((host, port), timeout=self._seconds)
        sock.settimeout(None)  # from here on the stall watch decides
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        # While a large file goes over the other one, no firewall shall forget this connection.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _KEEPALIVE_SECONDS)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _KEEPALIVE_SECONDS)
        self._control(sock)
        if self._tls and self._tls.implicit:
            self._secure(self._tls)
        try:
            self.welcome = self.getresp()
        except ftplib.error_perm as refused:
            # Nobody has said yet who he is: it is about the server, too many guests as a rule.
            words = f"the server lets nobody in now ({said(refused)})"
            raise self.failure(FailureCategory.API_UNAVAILABLE, words) from refused
        if self._tls and not self._tls.implicit:
            self._ask_for_tls(self._tls)

    def _ask_for_tls(self, tls: Tls) -> None:
        try:
            self.voidcmd("AUTH TLS")
        except ftplib.error_perm as refused:
            raise self.failure(
                FailureCategory.AUTH_INVALID,
                f"the server offers no TLS ({said(refused)}); nothing was sent",
            ) from refused
        self._secure(tls)

    def _secure(self, tls: Tls) -> None:
        assert self.sock is not None
        protected = tls.begin(self.sock)
        self._control(protected)
        tls.finish(protected)
        self.certificate = tls.presented(protected)

    def _control(self, sock: socket.socket) -> None:
        self.sock, self.af = sock, sock.family
        # Not all servers keep to UTF-8 in what they say.
        self.file = sock.makefile("r", encoding=self.encoding, errors="replace")
        self._watch.turn_to(sock)

    def enter(self, username: str, password: str) -> None:
        """Log in, and have what follows protected, unchanged and by its UTF-8 names."""
        with self.call(f"login as {username}"):
            try:
                self._log_in(username, password)
            except ftplib.error_perm as refused:
                raise self.failure(
                    FailureCategory.AUTH_INVALID, f"login as {username}: {said(refused)}"
                ) from refused
        self._logged_in = True
        with self.call("beginning the session"):
            if self._tls:
                self.voidcmd("PBSZ 0")
                self.voidcmd("PROT P")
            self.features = self._features()
            if "UTF8" in self.features:
                with suppress(ftplib.error_perm):
                    self.voidcmd("OPTS UTF8 ON")
            self.voidcmd("TYPE I")

    def _log_in(self, username: str, password: str) -> None:
        if set(username + password) & {"\r", "\n"}:
            raise ftplib.error_perm("530 A line break in a name or password cannot be sent.")
        reply = self.sendcmd(f"USER {username}")
        if reply.startswith("3"):
            reply = self.sendcmd(f"PASS {password}")
        if not reply.startswith("2"):
            raise ftplib.error_perm(reply)

    def _features(self) -> dict[str, str]:
        """What the server says it can beyond RFC 959 (RFC 2389), with its parameters."""
        try:
            lines = self.sendcmd("FEAT").splitlines()[1:-1]
        except ftplib.error_perm:
            return {}
        found = (line.strip().partition(" ") for line in lines)
        return {name.upper(): parameters for name, _, parameters in found}

    def store(self, command: str, blocks: Iterable[bytes], sent: Callable[[int], None]) -> None:
        """Send `blocks` by STOR or APPE; what they raise ends the file in good order, so that
        the server keeps what it has."""
        with closing(self._data(command)) as data:
            try:
                data.setblocking(False)
                for block in self.ours(blocks):
                    self._send(data, block)
                    sent(len(block))
            except OSError as broken:
                self._reason(broken)
            except BaseException:
                with suppress(*REMOTE_ERRORS):
                    self._end(data)
                raise
            self._end(data)

    def _send(self, data: socket.socket, block: bytes) -> None:
        """All of it; or OSError, also where the server says on the other connection that it takes
        no more, and leaves this one open."""
        left = memoryview(block)
        while left:
            try:
                left = left[data.send(left) :]
                self.moved()
            except (BlockingIOError, ssl.SSLWantWriteError):
                waiting = select.poll()
                waiting.register(data, select.POLLOUT)
                waiting.register(self._sock, select.POLLIN)
                ready = {fd for fd, _ in waiting.poll()}
                if data.fileno() not in ready:
                    raise BrokenPipeError("the server ended the transfer") from None

    def retrieve(self, command: str, take: Callable[[bytes], bool], offset: int = 0) -> None:
        """Hand what comes to `take` until it says that this was enough."""
        enough = False
        with closing(self._data(command, offset)) as data:
            try:
                while not enough and (block := data.recv(BLOCK)):
                    self.moved()
                    enough = take(block)
            except OSError as broken:
                self._reason(broken)
        self._watch.turn_to(self._sock)
        try:
            self.voidresp()
        except (ftplib.error_temp, ftplib.error_perm):
            if not enough:  # else it only says that we did not want the rest
                raise

    def _data(self, command: str, offset: int = 0) -> socket.socket:
        """A data connection on which the transfer has begun."""
        data = socket.create_connection(self._passive(), timeout=self._seconds)
        try:
            data.settimeout(None)
            if offset:
                self.sendcmd(f"REST {offset}")
            reply = self.sendcmd(command)
            if reply.startswith("2"):  # some say 200 before 150
                reply = self.getresp()
            if not reply.startswith("1"):
                raise ftplib.error_reply(reply)
            self._watch.turn_to(data)
            if self._tls:
                data = self._tls.begin(data, self._sock)
                self._watch.turn_to(data)
                try:
                    self._tls.finish(data)
                except OSError as broken:
                    self._reason(broken)
        except BaseException:
            data.close()
            self._watch.turn_to(self._sock)
            raise
        return data

    def _passive(self) -> tuple[str, int]:
        """Where to connect: always to the host of the control connection. What PASV says beside
        the port is wrong behind address translation, and could lead anywhere (RFC 2577)."""
        peer = self._sock.getpeername()
        try:
            port: int = ftplib.parse229(self.sendcmd("EPSV"), peer)[1]
        except ftplib.error_perm as refused:
            if code_of(refused) not in UNKNOWN_COMMAND:
                raise
            port = ftplib.parse227(self.sendcmd("PASV"))[1]
        return peer[0], port

    def _end(self, data: socket.socket) -> None:
        """Say that this was all, and hear that it was taken. Closing with something unread (a TLS
        1.3 ticket) would throw away what the server has not read yet: so read to its end."""
        data.setblocking(True)
        try:
            if isinstance(data, ssl.SSLSocket):
                Tls.say_goodbye(data)
            socket.socket.shutdown(data, socket.SHUT_WR)
            while socket.socket.recv(data, BLOCK):
                self.moved()
        except OSError as broken:
            self._reason(broken)
        self._watch.turn_to(self._sock)
        self.voidresp()

    def _reason(self, broken: OSError) -> None:
        """Why a data connection broke, the server says on the control connection. Raises that,
        or what broke if it says nothing."""
        if self._watch.stalled:
            raise broken
        self._watch.turn_to(self._sock)
        try:
            self.voidresp()
        except (OSError, EOFError):
            raise broken from None
        raise broken

    @property
    def _sock(self) -> socket.socket:
        if self.sock is None:
            raise EOFError("the connection is closed")
        return self.sock

    @contextmanager
    def call(self, what: str) -> Iterator[None]:
        """Watch for a stall, and turn what the library raises into DeliveryFailed."""
        with self._watch.watching():
            try:
                yield
            except REMOTE_ERRORS as error:
                if self._watch.stalled:
                    words = f"{what}: nothing moved for {self._seconds:g} seconds"
                    raise self.failure(FailureCategory.NETWORK_TIMEOUT, words) from error
                category = category_of(error, logged_in=self._logged_in)
                raise self.failure(category, f"{what}: {said(error)}") from error

    def failure(self, category: FailureCategory, words: str) -> DeliveryFailed:
        return DeliveryFailed(category, f"{self._where}: {words}.")

    def moved(self) -> None:
        """Tell the stall watch that the call in progress made some."""
        self._watch.moved()

    def rest(self) -> None:
        """Stop watching until something moves again: what follows is ours."""
        self._watch.rest()

    def ours(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Blocks of a file of ours: waiting for them (a cap on bandwidth) is no stall of the other
        side."""
        following = iter(blocks)
        while True:
            self.rest()
            try:
                block = next(following, None)
            finally:
                self.moved()
            if block is None:
                return
            yield block

    def close(self) -> None:
        """Without a goodbye, which a server that hangs would not hear."""
        self._watch.close()
        super().close()


def said(error: BaseException) -> str:
    """What the server, or the system, said: short, on one line, and without its last dot."""
    words = " ".join(str(error).split()) or type(error).__name__
    return words[:_LONGEST_REPLY].rstrip(".")
