"""Every courier against every real server, behind a network that fails."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from tests.couriers.files import MB, outgoing, some_bytes, upload
from tests.couriers.servers import Server, opened
from tests.faults.fault_proxy import Behaviour, FaultProxy

from deadwax.application.errors import DeliveryFailed
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.ssh import scan_host_key


def wait_until(condition: Callable[[], bool]) -> None:
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain")


def test_after_a_cut_only_the_rest_is_sent(server: Server, proxy: FaultProxy) -> None:
    data = some_bytes(20 * MB)
    file = outgoing("album/01.wav", data)
    part = server.local / "album/01.wav.part"
    first = server.connect(port=proxy.port)
    proxy.behave(Behaviour.CUT, after=12 * MB)
    with pytest.raises(DeliveryFailed) as failed:
        upload(first, file)
    first.close()
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY

    wait_until(lambda: part.stat().st_size > 4 * MB)
    held = part.stat().st_size
    proxy.behave(Behaviour.PASS)
    second = server.connect(port=proxy.port)
    before = proxy.upstream
    sent = upload(second, file)
    second.publish(file.path)
    second.close()
    assert 0 < sent <= len(data) - held
    assert proxy.upstream - before < len(data) - held + MB
    assert (server.local / file.path).read_bytes() == data


def test_a_wrong_secret_is_refused_without_being_told(server: Server) -> None:
    with pytest.raises(DeliveryFailed) as failed:
        opened(server.address, server.wrong_secret, 20.0)
    assert failed.value.category is FailureCategory.AUTH_INVALID
    assert server.wrong_secret not in failed.value.detail
    assert f"{server.address.host}:{server.address.port}" in failed.value.detail


def test_the_scanned_host_key_is_the_one_to_pin(server: Server) -> None:
    assert scan_host_key(server.address.host, server.address.port) == server.address.host_key


def test_a_refused_connection_is_a_matter_of_connectivity(
    server: Server, proxy: FaultProxy
) -> None:
    proxy.behave(Behaviour.REFUSE)
    with pytest.raises(DeliveryFailed) as failed:
        server.connect(port=proxy.port)
    assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY
    proxy.behave(Behaviour.PASS)
    server.connect(port=proxy.port).close()


def test_a_server_that_stays_silent_is_a_timeout(server: Server, proxy: FaultProxy) -> None:
    proxy.behave(Behaviour.HANG)
    with pytest.raises(DeliveryFailed) as failed:
        server.connect(stall_seconds=0.5, port=proxy.port)
    assert failed.value.category is FailureCategory.NETWORK_TIMEOUT


@pytest.mark.parametrize("after", [1, 2 * MB])
def test_a_connection_that_freezes_midway_is_a_timeout(
    server: Server, proxy: FaultProxy, after: int
) -> None:
    courier = server.connect(stall_seconds=1.0, port=proxy.port)
    proxy.behave(Behaviour.FREEZE, after=after)
    with pytest.raises(DeliveryFailed) as failed:
        upload(courier, outgoing("album.wav", some_bytes(20 * MB)))
    courier.close()
    assert failed.value.category is FailureCategory.NETWORK_TIMEOUT


def test_an_idle_connection_does_not_time_out(server: Server) -> None:
    courier = server.connect(stall_seconds=0.3)
    time.sleep(1.0)
    assert courier.size("album.wav") is None
    courier.close()


def test_every_call_on_a_lost_connection_is_a_matter_of_connectivity(
    server: Server, proxy: FaultProxy
) -> None:
    courier = server.connect(port=proxy.port)
    proxy.behave(Behaviour.REFUSE)
    for call in (
        lambda: courier.size("album.wav"),
        lambda: courier.list("inbox"),
        lambda: courier.publish("album.wav"),
        lambda: upload(courier, outgoing("album.wav", b"x")),
        courier.probe,
    ):
        with pytest.raises(DeliveryFailed) as failed:
            call()
        assert failed.value.category is FailureCategory.NETWORK_CONNECTIVITY
    courier.close()
