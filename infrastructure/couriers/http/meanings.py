"""What an answer, or that there was none, means for a delivery: two tables."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.addresses.http_calls import Meaning
from deadwax.domain.failures import FailureCategory as Category
from deadwax.infrastructure.couriers.http_failures import STATUSES as OF_ALL
from deadwax.infrastructure.couriers.http_failures import chain
from deadwax.infrastructure.networks import NetworkRefused

STATUSES: Mapping[int, Category] = {
    **OF_ALL,
    400: Category.METADATA_INVALID,
    402: Category.QUOTA_EXCEEDED,
    410: Category.NOT_FOUND,
    415: Category.CONTENT_FORMAT,
    422: Category.METADATA_INVALID,
    423: Category.API_UNAVAILABLE,
    425: Category.API_RATE_LIMIT,
    451: Category.RIGHTS,
    460: Category.INTEGRITY,  # tus: the checksum does not match
    500: Category.API_UNAVAILABLE,
    502: Category.API_UNAVAILABLE,
    503: Category.API_UNAVAILABLE,
    504: Category.NETWORK_TIMEOUT,
}

_OF_CERTIFICATES = frozenset(
    {
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_DECRYPT_ERROR",
    }
)
"""OpenSSL's reasons by which a server refuses a client's certificate, or the lack of one."""


@dataclass(frozen=True)
class Complaint:
    """What an answer itself says is wrong."""

    code: str | None = None
    message: str | None = None


class Meanings:
    """`own` are the address's, by code and status; `usual` those of the protocol, by code."""

    def __init__(self, own: tuple[Meaning, ...], usual: Mapping[str, Category]) -> None:
        self._own = {str(meaning.code): meaning.category for meaning in own}
        self._usual = usual

    def category(self, status: int, complaint: Complaint) -> Category:
        code = complaint.code or ""
        for table, key in ((self._own, code), (self._own, str(status)), (self._usual, code)):
            if key in table:
                return table[key]
        if 300 <= status < 400:
            return Category.PERMISSION_DENIED  # it moved, and credentials do not follow
        if status in STATUSES:
            return STATUSES[status]
        return Category.API_UNAVAILABLE if status >= 500 else Category.UNKNOWN


def failure_of(error: Exception, what: str, stalled: bool) -> DeliveryFailed:
    """By type and error codes alone. The words hold no address: one may hold a token."""
    causes = list(chain(error))
    tls = next((cause for cause in causes if isinstance(cause, ssl.SSLError)), None)
    if stalled or any(isinstance(cause, httpx.TimeoutException) for cause in causes):
        return DeliveryFailed(Category.NETWORK_TIMEOUT, f"{what}: nothing came in time.")
    if isinstance(tls, ssl.SSLCertVerificationError):
        words = f"the server's certificate is not valid: {tls.verify_message}"
        return DeliveryFailed(Category.AUTH_INVALID, f"{what}: {words}.")
    if tls is not None and tls.reason in _OF_CERTIFICATES:
        words = f"the server refused our certificate, or the lack of one: {tls.reason}"
        return DeliveryFailed(Category.AUTH_INVALID, f"{what}: {words}.")
    refused = next((cause for cause in causes if isinstance(cause, NetworkRefused)), None)
    if refused is not None:
        return DeliveryFailed(Category.NETWORK_CONNECTIVITY, f"{what}: {refused}.")
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return DeliveryFailed(Category.NETWORK_CONNECTIVITY, f"{what}: no such host is known.")
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return DeliveryFailed(Category.NETWORK_CONNECTIVITY, f"{what}: connection refused.")
    if isinstance(error, httpx.TransportError) or tls is not None:
        words = f"the connection broke: {type(error).__name__}"
        return DeliveryFailed(Category.NETWORK_CONNECTIVITY, f"{what}: {words}.")
    words = f"the answer could not be read: {type(error).__name__}"
    return DeliveryFailed(Category.API_UNAVAILABLE, f"{what}: {words}.")
