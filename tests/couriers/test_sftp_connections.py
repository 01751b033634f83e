"""SFTP behind a network that fails: what all couriers do, and what is seen of its `.part`."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from tests.couriers.ssh_site import SshSite, opened

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.connection_contract import CourierConnectionContract
from deadwax.infrastructure.couriers.contract import MB, outgoing, some_bytes, upload
from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


class TestSftpConnections(CourierConnectionContract):
    @pytest.fixture
    def site(self, server: SshSite) -> SshSite:
        return server


def test_after_a_cut_no_byte_that_the_server_holds_is_sent_again(server: SshSite) -> None:
    data = some_bytes(20 * MB)
    file = outgoing("album/01.wav", data)
    part = server.local / "album/01.wav.part"
    with FaultProxy(*server.endpoint) as proxy:
        first = server.connect(through=proxy.port)
        proxy.behave(Behaviour.CUT, after=12 * MB)
        with pytest.raises(DeliveryFailed):
            upload(first, file)
        first.close()
    # The server may still be writing what came before the cut: at least this much is there.
    wait_until(lambda: part.stat().st_size > 4 * MB)
    held = part.stat().st_size
    second = server.connect()
    assert 0 < upload(second, file) <= len(data) - held
    second.close()


def test_a_wrong_secret_is_refused_without_being_told(server: SshSite) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(server.address, server.wrong_secret)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert server.wrong_secret not in failed.value.detail
    assert f"{server.address.host}:{server.address.port}" in failed.value.detail
