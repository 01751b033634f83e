"""Who the server is, and who we are, by certificates. The server's is always verified."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime

from cryptography import x509

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http import HttpAddress
from deadwax.domain.failures import FailureCategory


def context_for(address: HttpAddress, secret: Callable[[str], str]) -> ssl.SSLContext:
    """With the address's CA, or the system's, and the client certificate that it names.

    Raises DeliveryFailed: AUTH_INVALID for what cannot be used, AUTH_EXPIRED for a client
    certificate whose time is over."""
    try:
        context = ssl.create_default_context(cadata=address.authority)
    except ssl.SSLError:
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID, "The address's authority is no PEM of certificates."
        ) from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if address.auth.certificate:
        _load(context, secret(address.auth.certificate), address.auth.certificate)
    return context


def _load(context: ssl.SSLContext, pem: str, name: str) -> None:
    try:
        until = x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
        # OpenSSL reads them from files alone; this one is ours to read, and gone at once.
        with tempfile.NamedTemporaryFile("w", prefix="deadwax-") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name)
    except (ssl.SSLError, ValueError):
        raise DeliveryFailed(
            FailureCategory.AUTH_INVALID,
            f"The secret {name} is no PEM of a certificate and its key, without a passphrase.",
        ) from None
    if until <= datetime.now(UTC):
        raise DeliveryFailed(
            FailureCategory.AUTH_EXPIRED, f"The client certificate {name} ran out on {until:%F}."
        )
