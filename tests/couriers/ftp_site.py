"""What a test knows of a running FTP server."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

from tests.couriers.proftpd import HOST, PASSWORD, USERNAME, Proftpd

from deadwax.domain.addresses.ftp import FtpAddress, FtpsAddress
from deadwax.infrastructure.couriers.ftp import FtpCourier, open_courier
from deadwax.infrastructure.couriers.opening import Opening

OTHER_CERTIFICATE = "SHA256:" + "0" * 64


@dataclass(frozen=True)
class FtpSite:
    """A ReachableSite: how to log in, and where its files are on this machine."""

    address: FtpAddress | FtpsAddress
    server: Proftpd
    local: Path

    @property
    def endpoint(self) -> tuple[str, int]:
        return HOST, self.address.port

    def open(
        self, address: FtpAddress | FtpsAddress, password: str = PASSWORD, stall: float = 20.0
    ) -> FtpCourier:
        return open_courier(address, Opening(lambda _: password, stall))

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> FtpCourier:
        address = replace(self.address, host="127.0.0.1", port=through) if through else self.address
        return self.open(address, stall=stall_seconds)

    def connect_with_wrong_secret(self) -> FtpCourier:
        return self.open(self.address, "wrong")

    def connect_to_an_impostor(self) -> FtpCourier:
        return self.open(replace(self.address, authority=None, certificate=OTHER_CERTIFICATE))

    def read(self, path: str) -> bytes | None:
        found = self.local / path
        return found.read_bytes() if found.is_file() else None

    def write(self, path: str, data: bytes) -> None:
        place = self.local / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)

    def names(self, folder: str) -> list[str]:
        return sorted(os.listdir(self.local / folder))


def ftp_site(server: Proftpd, local: Path) -> FtpSite:
    local.mkdir(parents=True, exist_ok=True)
    address = FtpAddress(
        host=HOST, port=server.port, username=USERNAME, secret="ftp", root=str(local)
    )
    return FtpSite(address, server, local)


def ftps_site(server: Proftpd, local: Path, **fields: object) -> FtpSite:
    local.mkdir(parents=True, exist_ok=True)
    known = {
        "host": HOST,
        "port": server.port,
        "username": USERNAME,
        "secret": "ftp",
        "root": str(local),
        "authority": server.authority_pem,
    }
    return FtpSite(FtpsAddress(**known | fields), server, local)  # type: ignore[arg-type]
