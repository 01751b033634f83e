"""Addresses of SSH servers: SFTP and SCP."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from deadwax.domain.addresses.parts import LOGIN_FOLDER, Host, SecretName, check_port
from deadwax.domain.errors import InvalidValue
from deadwax.domain.texts import Name
from deadwax.domain.values import Text

MOST_HOST_KEYS = 8


class HostKey(Text):
    code, pattern = "host_key_invalid", r"SHA256:[A-Za-z0-9+/]{43}"
    example = "SHA256:uNiVztksCsDhcc0u9e8BrrJXVGe1qQvBaaq0NRc0v4E"
    fix = "Give the SHA-256 fingerprint as ssh-keygen -lf prints it."


@dataclass(frozen=True, kw_only=True)
class SshAddress:
    """Where and as whom. `root` is relative to the login folder unless it starts with `/`.

    `secret` names a stored password or private key, `passphrase` the secret that unlocks it, and
    `certificate` the OpenSSH certificate that goes with it. With `agent` the SSH agent of our
    workers holds the private key, and `secret` names its public half: only an operator can store
    that, so no tenant logs in with a key that was not meant for it.

    Without a pinned `host_key` nothing is sent: the connection test shows the key that the server
    presents. `host_keys` are trusted too, while the platform changes its key.
    """

    host: Host
    username: Name
    secret: SecretName
    port: int = 22
    root: Name = LOGIN_FOLDER
    host_key: HostKey | None = None
    host_keys: tuple[HostKey, ...] = ()
    passphrase: SecretName | None = None
    certificate: SecretName | None = None
    agent: bool = False
    scheme: ClassVar[str]
    is_encrypted: ClassVar[bool] = True
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        check_port(self.port)
        if self.agent and self.passphrase:
            raise InvalidValue(
                "passphrase_not_needed",
                "A key that an SSH agent holds is unlocked already.",
                "Leave out passphrase, or agent.",
            )
        if len(self.host_keys) > MOST_HOST_KEYS:
            raise InvalidValue(
                "host_keys_too_many",
                f"{len(self.host_keys)} keys are more than a server changes between.",
                f"Give the keys that the platform states, {MOST_HOST_KEYS} at most.",
            )

    @property
    def trusted(self) -> tuple[HostKey, ...]:
        """The host keys that the server may present, each once."""
        pinned = (self.host_key,) if self.host_key else ()
        return tuple(dict.fromkeys((*pinned, *self.host_keys)))

    def trusting(self, host_key: HostKey, *, beside: bool) -> Self:
        """`beside` keeps what was trusted before, too."""
        others = tuple(key for key in self.trusted if key != host_key) if beside else ()
        return replace(self, host_key=host_key, host_keys=others)

    @property
    def evidence(self) -> dict[str, str]:
        """Where something was sent to, and what proved that it was there."""
        endpoint = f"{self.scheme}://{self.host}:{self.port}"
        return {"endpoint": endpoint, "host_key": " or ".join(self.trusted) or "None"}


@dataclass(frozen=True, kw_only=True)
class SftpAddress(SshAddress):
    """A server that takes files by SFTP."""

    scheme: ClassVar[str] = "sftp"


@dataclass(frozen=True, kw_only=True)
class ScpAddress(SshAddress):
    """A server that takes files by SCP and lets us run a few commands of its shell."""

    scheme: ClassVar[str] = "scp"
