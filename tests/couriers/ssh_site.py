"""What a test knows of a running SSH server, and how keys are written for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Generic, TypeVar

import asyncssh

from deadwax.application.ports import Courier
from deadwax.domain.addresses.ssh import HostKey, ScpAddress, SftpAddress
from deadwax.infrastructure.couriers import scp, sftp
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.scp import ScpCourier
from deadwax.infrastructure.couriers.sftp import SftpCourier

PASSWORD = "correct horse battery staple"
OTHER_HOST_KEY = HostKey("SHA256:" + "A" * 43)


def opened(
    address: SftpAddress, secret: str, stall_seconds: float = 20.0, **others: str
) -> SftpCourier:
    """`others` are the secrets that the address names beside its own, by name."""
    stored = {**others, str(address.secret): secret}
    return sftp.open_courier(address, Opening(stored.__getitem__, stall_seconds))


def opened_scp(address: ScpAddress, secret: str, stall_seconds: float = 20.0) -> ScpCourier:
    return scp.open_courier(address, Opening(lambda _: secret, stall_seconds))


A = TypeVar("A", SftpAddress, ScpAddress)


@dataclass(frozen=True)
class SshSite(Generic[A]):
    """A ReachableSite: how to log in, and where its files are on this machine."""

    address: A
    secret: str
    wrong_secret: str
    local: Path

    @property
    def endpoint(self) -> tuple[str, int]:
        return self.address.host, self.address.port

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> Courier:
        address = replace(self.address, port=through) if through else self.address
        return self._open(address, self.secret, stall_seconds)

    def connect_with_wrong_secret(self) -> Courier:
        return self._open(self.address, self.wrong_secret)

    def connect_to_an_impostor(self) -> Courier:
        return self._open(replace(self.address, host_key=OTHER_HOST_KEY), self.secret)

    def _open(self, address: A, secret: str, stall_seconds: float = 20.0) -> Courier:
        opener = opened if isinstance(address, SftpAddress) else opened_scp
        return opener(address, secret, stall_seconds)

    def read(self, path: str) -> bytes | None:
        found = self.local / path
        return found.read_bytes() if found.is_file() else None

    def write(self, path: str, data: bytes) -> None:
        place = self.local / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def names(self, folder: str) -> list[str]:
        """The sandbox's own folder for its answers is not told."""
        found = (path.name for path in (self.local / folder).iterdir())
        return sorted(name for name in found if name != "acknowledgements")


class AnyPassword(asyncssh.SSHServer):
    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return True


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


def private(key: asyncssh.SSHKey) -> str:
    return key.export_private_key().decode()
