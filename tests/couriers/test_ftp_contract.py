"""FTP in the clear, and FTPS of both kinds, against ProFTPD."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.conftest import required
from tests.couriers.ftp_site import FtpSite, ftp_site, ftps_site
from tests.couriers.proftpd import Proftpd, find_proftpd, running

from deadwax.domain.addresses.ftp import TlsMode
from deadwax.infrastructure.couriers.contract import CourierContract

Folders = pytest.TempPathFactory


@pytest.fixture(scope="session")
def proftpd_binary() -> str:
    found = find_proftpd()
    required(found, "ProFTPD with mod_tls and mod_digest")
    assert found is not None
    return found


@pytest.fixture(scope="session")
def explicit(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    """With digests computed by the server, each time anew."""
    options = ("LoadModule mod_digest.c", "DigestCache off")
    with running(proftpd_binary, tmp_path_factory.mktemp("ftps"), *options) as own:
        yield own


@pytest.fixture(scope="session")
def implicit(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    """Without digests, and without listings that machines can read."""
    options = ("TLSOptions UseImplicitSSL", "FactsAdvertise off")
    with running(proftpd_binary, tmp_path_factory.mktemp("ftps"), *options) as own:
        yield own


@pytest.fixture(scope="session")
def clear(proftpd_binary: str, tmp_path_factory: Folders) -> Iterator[Proftpd]:
    with running(proftpd_binary, tmp_path_factory.mktemp("ftp"), tls=False) as own:
        yield own


class TestFtpsExplicit(CourierContract):
    @pytest.fixture
    def site(self, explicit: Proftpd, tmp_path: Path) -> FtpSite:
        return ftps_site(explicit, tmp_path / "remote")


class TestFtpsImplicit(CourierContract):
    @pytest.fixture
    def site(self, implicit: Proftpd, tmp_path: Path) -> FtpSite:
        return ftps_site(implicit, tmp_path / "remote", tls=TlsMode.IMPLICIT)


class TestFtp(CourierContract):
    @pytest.fixture
    def site(self, clear: Proftpd, tmp_path: Path) -> FtpSite:
        return ftp_site(clear, tmp_path / "remote")
