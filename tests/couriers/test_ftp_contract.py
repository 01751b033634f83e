"""FTP in the clear, and FTPS of both kinds, against ProFTPD."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.couriers.ftp_site import FtpSite, ftp_site, ftps_site
from tests.couriers.proftpd import Proftpd

from deadwax.domain.addresses.ftp import TlsMode
from deadwax.infrastructure.couriers.contract import CourierContract


class TestFtpsExplicit(CourierContract):
    @pytest.fixture
    def site(self, ftps_explicit: Proftpd, tmp_path: Path) -> FtpSite:
        return ftps_site(ftps_explicit, tmp_path / "remote")


class TestFtpsImplicit(CourierContract):
    @pytest.fixture
    def site(self, ftps_implicit: Proftpd, tmp_path: Path) -> FtpSite:
        return ftps_site(ftps_implicit, tmp_path / "remote", tls=TlsMode.IMPLICIT)


class TestFtp(CourierContract):
    @pytest.fixture
    def site(self, ftp_clear: Proftpd, tmp_path: Path) -> FtpSite:
        return ftp_site(ftp_clear, tmp_path / "remote")
