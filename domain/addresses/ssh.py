"""Addresses of SSH servers: SFTP and SCP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from deadwax.domain.addresses.parts import LOGIN_FOLDER, Host, SecretName, check_port
from deadwax.domain.texts import Name
from deadwax.domain.values import Text


class HostKey(Text):
    code, pattern = "host_key_invalid", r"SHA256:[A-Za-z0-9+/]{43}"
    example = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E"
    fix = "Give the SHA-256 fingerprint as ssh-keygen -lf prints it."


@dataclass(frozen=True, kw_only=True)
class SftpAddress:
    """Where and as whom. `root` is relative to the login folder unless it starts with `/`.

    `secret` names a stored password or private key. Without a pinned `host_key` nothing is
    sent: the connection test shows the key that the server presents.
    """

    host: Host
    username: Name
    secret: SecretName
    port: int = 22
    root: Name = LOGIN_FOLDER
    host_key: HostKey | None = None
    scheme: ClassVar[str] = "sftp"
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)

    @property
    def evidence(self) -> dict[str, str]:
        """Where something was sent to, and what proved that it was there."""
        endpoint = f"{self.scheme}://{self.host}:{self.port}"
        return {"endpoint": endpoint, "host_key": str(self.host_key)}


@dataclass(frozen=True, kw_only=True)
class ScpAddress(SftpAddress):
    """A server that takes files by SCP only. The fields are those of SFTP."""

    scheme: ClassVar[str] = "scp"
