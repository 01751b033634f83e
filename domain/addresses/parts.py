"""What addresses are made of."""

from __future__ import annotations

from typing import ClassVar, Protocol

from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name
from deadwax.domain.values import Text


class SecretName(Text):
    code, pattern, example = "secret_name_invalid", r"[a-z0-9][a-z0-9_-]{0,62}", "spotify-sftp"
    fix = "Give the name of a stored secret: lower-case letters, digits, - and _."


class Host(Text):
    code, pattern, example = "host_invalid", r"[A-Za-z0-9.:_-]{1,253}", "sftp.example.com"
    fix = "Give a host name or address, without a scheme."


class BaseUrl(Text):
    code, example = "base_url_invalid", "https://ddex.example.com/api/v1/ddex"
    pattern = r"https?://[A-Za-z0-9._-]{1,253}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+){0,20}"
    fix = "Give an address that begins with https:// and does not end with a slash."


LOGIN_FOLDER = Name(".")


def check_port(port: int) -> None:
    if not 1 <= port <= 65535:
        raise InvalidValue("port_invalid", "Ports are 1 to 65535.", "Give the server's port.")


class Address(Protocol):
    """Where a target's files go, and as whom: one frozen dataclass for each protocol.

    A field that names a secret is a SecretName; no secret itself is ever part of an address.
    """

    __pydantic_config__: ClassVar[dict[str, object]]

    @property
    def host(self) -> str:
        """Whom we talk to, as lists show it."""
        ...

    @property
    def evidence(self) -> dict[str, str]:
        """`endpoint`, and what proved that it was the right one, as far as it is pinned."""
        ...

    @property
    def is_encrypted(self) -> bool:
        """Whether nobody on the way can read or change what is sent."""
        ...
