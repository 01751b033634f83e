"""What a test knows of a running server, and how keys are written for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh

from deadwax.domain.target import SftpAddress
from deadwax.infrastructure.couriers.sftp import SftpCourier, open_courier

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Server:
    """How to log in, and where its files are on this machine."""

    address: SftpAddress
    secret: str
    wrong_secret: str
    local: Path

    def connect(self, *, stall_seconds: float = 20.0, port: int | None = None) -> SftpCourier:
        address = replace(self.address, port=port) if port else self.address
        return open_courier(address, self.secret, stall_seconds)


class AnyPassword(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()
