"""Addresses of FTP servers, in the clear and with TLS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import LOGIN_FOLDER, Host, SecretName, check_port
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name, Paragraph
from deadwax.domain.values import Text

_EXPLICIT_PORT = 21


class TlsMode(StrEnum):
    """`explicit`: AUTH TLS on the usual port (RFC 4217). `implicit`: TLS from the first byte."""

    EXPLICIT = "explicit"
    IMPLICIT = "implicit"


class CertificatePin(Text):
    code, pattern = "certificate_pin_invalid", r"SHA256:[0-9a-f]{64}"
    example = "SHA256:5f2c1f8a6b7d4e3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d7c6b5a"
    fix = "Give SHA256: and the digest of the certificate (DER) in 64 lower-case hex digits."


@dataclass(frozen=True, kw_only=True)
class FtpAddress:
    """FTP in the clear: the password and every file can be read, and changed, on the way. A live
    target needs `clear_text_agreed`, which says that somebody decided for it."""

    host: Host
    username: Name
    secret: SecretName
    port: int = 21
    root: Name = LOGIN_FOLDER
    clear_text_agreed: bool = False
    is_encrypted: ClassVar[bool] = False
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"ftp://{self.host}:{self.port}"}


@dataclass(frozen=True, kw_only=True)
class FtpsAddress:
    """FTP with TLS on both connections.

    The server's certificate is always verified: by the authorities of the system, by `authority`
    (PEM) alone, or by `certificate`, which is trusted then whatever it says. The connection test
    shows the certificate that the server presents. `client_certificate` names a stored secret,
    PEM of a certificate and its key.
    """

    host: Host
    username: Name
    secret: SecretName
    port: int = _EXPLICIT_PORT
    root: Name = LOGIN_FOLDER
    tls: TlsMode = TlsMode.EXPLICIT
    authority: Paragraph | None = None
    certificate: CertificatePin | None = None
    client_certificate: SecretName | None = None
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)
        if self.tls is TlsMode.IMPLICIT and self.port == _EXPLICIT_PORT:
            raise InvalidValue(
                "port_of_explicit_tls",
                "Port 21 is that of explicit TLS.",
                "Give the port, which is 990 as a rule, or tls explicit.",
            )
        if self.authority and self.certificate:
            raise InvalidValue(
                "trust_given_twice",
                "A pinned certificate is trusted whoever signed it.",
                "Leave out certificate, or authority.",
            )

    @property
    def evidence(self) -> dict[str, str]:
        found = {"endpoint": f"ftps://{self.host}:{self.port}"}
        return found | ({"certificate": self.certificate} if self.certificate else {})
