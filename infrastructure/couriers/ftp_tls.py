"""TLS for the two connections of FTP, the second one by the session of the first."""

from __future__ import annotations

import hashlib
import select
import socket
import ssl
from dataclasses import dataclass, replace
from typing import Self

from deadwax.domain.addresses.ftp import FtpsAddress, TlsMode
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.tls import tls_context


class Distrusted(ssl.SSLCertVerificationError):
    """The certificate is another than the one that is pinned."""


@dataclass(frozen=True)
class Tls:
    """How both connections are protected. With a `pin` that certificate alone is trusted."""

    context: ssl.SSLContext
    host: str
    implicit: bool
    pin: str | None

    @classmethod
    def of(cls, address: FtpsAddress, opening: Opening) -> Self:
        """Raises DeliveryFailed for an authority or client certificate that cannot be used."""
        context = tls_context(address.authority, address.client_certificate, opening.secret)
        if address.certificate:
            # Compared with the pin as soon as it is shown, before anything is sent.
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        implicit = address.tls is TlsMode.IMPLICIT
        return cls(context, address.host, implicit, address.certificate)

    def only_looking(self) -> Self:
        """To see which certificate is presented, and nothing else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return replace(self, context=context, pin=None)

    def begin(self, sock: socket.socket, first: socket.socket | None = None) -> ssl.SSLSocket:
        """Not yet in TLS: `finish` is. With `first`, a connection to the same server, its session
        goes on: servers ask for that as a proof that both are of one client."""
        session = first.session if isinstance(first, ssl.SSLSocket) else None
        return self.context.wrap_socket(
            sock, server_hostname=self.host, session=session, do_handshake_on_connect=False
        )

    def finish(self, sock: ssl.SSLSocket) -> None:
        """Raises ssl.SSLError; SSLCertVerificationError if the server is not the right one."""
        sock.do_handshake()
        presented = self.presented(sock)
        if self.pin and presented != self.pin:
            raise Distrusted(
                f"the server presented the certificate {presented}, pinned is {self.pin}: nothing "
                "was sent. Ask the platform whether it changed it before pinning the new one"
            )

    @staticmethod
    def presented(sock: ssl.SSLSocket) -> str:
        """Which certificate the server has shown."""
        shown = sock.getpeercert(binary_form=True)
        assert shown is not None
        return f"SHA256:{hashlib.sha256(shown).hexdigest()}"

    @staticmethod
    def say_goodbye(sock: ssl.SSLSocket) -> None:
        """Tell the server that nothing follows (close_notify), without waiting for its own: some
        never say it."""
        sock.setblocking(False)
        while True:
            try:
                sock.unwrap()
            except ssl.SSLWantWriteError:
                select.select((), (sock,), ())
                continue
            except (ssl.SSLWantReadError, ssl.SSLError):
                pass
            sock.setblocking(True)
            return
