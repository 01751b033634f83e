"""Who the server is, and who we are, by certificates. The server's is always verified."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography import x509

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory


def tls_context(
    authority: str | None, certificate: str | None, secret: Callable[[str], str]
) -> ssl.SSLContext:
    """Trusts the CA `authority` (PEM), or the system's, and shows the client certificate that is
    stored as `certificate`: PEM of the certificate and its key.

    Raises DeliveryFailed: AUTH_INVALID for what cannot be used, AUTH_EXPIRED for a client
    certificate whose time is over."""
    try:
        context = ssl.create_default_context(cadata=authority)
    except ssl.SSLError:
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID, "The address's authority is no PEM of certificates."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate:
        _load(context, secret(certificate), certificate)
    return context


def _load(context: ssl.SSLContext, pem: str, name: str) -> None:
    try:
        until = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
        # OpenSSL reads them from files alone; this one is ours to read, and gone at once.
        with tempfile.NamedTemporaryFile("w", prefix="deadwax-") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name, password="")
    except (ssl.SSLError, ValueError):
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID,
            f"The secret {name} is no PEM of a certificate and its key, without a passphrase.",
        ) from None
    if until <= datetime.now(UTC):
        raise DeliveryFailed(
            FailureCategory.AUTH_EXPIRED, f"The client certificate {name} ran out on {until:%F}."
        )
