"""Whose certificate the server has, and private authorities for clients that read files alone."""

from __future__ import annotations

import hashlib
import socket
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory


@contextmanager
def authority_file(pem: str | None) -> Iterator[str | None]:
    """A file with these authorities while it is needed; None for those of the system. Raises
    DeliveryFailed(AUTH_INVALID) for what is no PEM."""
    if pem is None:
        yield None
        return
    try:
        ssl.create_default_context(cadata=pem)
    except ssl.SSLError:
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID, "The address's authority is no PEM of certificates."
        ) from None
    with tempfile.NamedTemporaryFile("w", prefix="deadwax-", suffix=".pem") as file:
        file.write(pem)
        file.flush()
        yield file.name


def presented_certificate(url: str, ca_file: str | None, seconds: float) -> dict[str, str]:
    """The SHA-256 of the certificate that the server of `url` proves itself by; nothing where it
    is reached without TLS. Raises OSError as sockets do."""
    parts = urlsplit(url)
    if parts.scheme != "https":
        return {}
    assert parts.hostname is not None
    context = ssl.create_default_context(cafile=ca_file)
    where = (parts.hostname, parts.port or 443)
    with (
        socket.create_connection(where, timeout=seconds) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as sock,
    ):
        found = sock.getpeercert(binary_form=True)
    assert found is not None
    return {"certificate": f"SHA256:{hashlib.sha256(found).hexdigest()}"}
