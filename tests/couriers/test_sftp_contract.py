"""SFTP against OpenSSH's sshd and against the sandbox, which runs on asyncssh."""

from __future__ import annotations

import pytest
from tests.couriers.ssh_site import SshSite

from deadwax.infrastructure.couriers.contract import MB, CourierContract


class TestSftp(CourierContract):
    LARGE = 16 * MB  # more than may be under way unacknowledged

    @pytest.fixture
    def site(self, server: SshSite) -> SshSite:
        return server
