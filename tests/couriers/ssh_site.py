"""What a test knows of a running SSH server, and how keys are written for it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import asyncssh

from deadwax.domain.addresses.ssh import HostKey, SftpAddress
from deadwax.infrastructure.couriers.opening import Opening
from deadwax.infrastructure.couriers.sftp import SftpCourier, open_courier

PASSWORD = "correct horse battery staple"
OTHER_HOST_KEY = HostKey("SHA256:" + "A" * 43)


def opened(
    address: SftpAddress, secret: str, stall_seconds: float = 20.0, **others: str
) -> SftpCourier:
    """`others` are the secrets that the address names beside its own, by name."""
    stored = {**others, str(address.secret): secret}
    return open_courier(address, Opening(stored.__getitem__, stall_seconds))


@dataclass(frozen=True)
class SftpSite:
    """A ReachableSite: how to log in, and where its files are on this machine."""

    address: SftpAddress
    secret: str
    wrong_secret: str
    local: Path

    @property
    def endpoint(self) -> tuple[str, int]:
        return self.address.host, self.address.port

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> SftpCourier:
        address = replace(self.address, port=through) if through else self.address
        return opened(address, self.secret, stall_seconds)

    def connect_with_wrong_secret(self) -> SftpCourier:
        return opened(self.address, self.wrong_secret)

    def connect_to_an_impostor(self) -> SftpCourier:
        return opened(replace(self.address, host_key=OTHER_HOST_KEY), self.secret)

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
