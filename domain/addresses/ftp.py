"""Addresses of FTP servers, in the clear and with TLS."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import LOGIN_FOLDER, Host, SecretName, check_port
from deadwax.domain.texts import Name


class TlsMode(StrEnum):
    """`explicit`: AUTH TLS on the usual port (RFC 4217). `implicit`: TLS from the first byte."""

    EXPLICIT = "explicit"
    IMPLICIT = "implicit"


@dataclass(frozen=True, kw_only=True)
class FtpAddress:
    """FTP in the clear: the password and every file can be read on the way."""

    host: Host
    username: Name
    secret: SecretName
    port: int = 21
    root: Name = LOGIN_FOLDER
    is_encrypted: ClassVar[bool] = False
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"ftp://{self.host}:{self.port}"}


@dataclass(frozen=True, kw_only=True)
class FtpsAddress:
    """FTP with TLS on both connections; the server's certificate is always verified."""

    host: Host
    username: Name
    secret: SecretName
    port: int = 21
    root: Name = LOGIN_FOLDER
    tls: TlsMode = TlsMode.EXPLICIT
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)

    @property
    def evidence(self) -> dict[str, str]:
        return {"endpoint": f"ftps://{self.host}:{self.port}"}
