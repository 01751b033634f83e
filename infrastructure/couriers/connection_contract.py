"""What every courier that talks over TCP has to do when the network or the other side fails, as
tests beside `CourierContract`.

    class TestMyConnections(CourierConnectionContract):
        @pytest.fixture
        def site(self, tmp_path): ...
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO, Protocol, cast

import pytest

from deadwax.application.errors import DeliveryFailed
from deadwax.application.ports import Can, Courier
from deadwax.domain.failures import FailureCategory
from deadwax.infrastructure.couriers.contract import MB, Site, outgoing, some_bytes, upload
from deadwax.infrastructure.couriers.fault_proxy import Behaviour, FaultProxy

_CONNECTIVITY = FailureCategory.NETWORK_CONNECTIVITY
_TIMEOUT = FailureCategory.NETWORK_TIMEOUT
_STALL, _LONGER_THAN_A_STALL = 1.0, 1.5
"""Seconds."""


class ReachableSite(Site, Protocol):
    """A site that may be reached through a proxy on 127.0.0.1."""

    @property
    def endpoint(self) -> tuple[str, int]:
        """Host and port on which the server listens."""
        ...

    def connect(self, *, stall_seconds: float = 20.0, through: int | None = None) -> Courier:
        """`through` is the port of a proxy on 127.0.0.1 that leads to `endpoint`."""
        ...

    def connect_to_an_impostor(self) -> Courier:
        """Another host key or certificate than the one that is trusted. Raises DeliveryFailed,
        or its first call does. Only where IDENTITY."""
        ...

    def connect_with_expired_secret(self) -> Courier:
        """The same with credentials that were good once. Only where EXPIRES."""
        ...


class CourierConnectionContract:
    """Fixtures to give: `site`; and `proxy`, where more than one port leads to the server.

    `LARGE` is more than the courier and the kernels on the way hold back unconfirmed, in bytes;
    the connection breaks when `MIDWAY` of them went upstream. `IDENTITY`: the server proves who
    it is. `EXPIRES`: there are credentials that tell when they end.
    """

    LARGE = 20 * MB
    MIDWAY = 12 * MB
    IDENTITY = True
    EXPIRES = False

    @pytest.fixture
    def proxy(self, site: ReachableSite) -> Iterator[FaultProxy]:
        with FaultProxy(*site.endpoint) as proxy:
            yield proxy

    def test_a_refused_connection_is_a_matter_of_connectivity(
        self, site: ReachableSite, proxy: FaultProxy
    ) -> None:
        proxy.behave(Behaviour.REFUSE)
        assert _category(lambda: site.connect(through=proxy.port).probe()) is _CONNECTIVITY
        proxy.behave(Behaviour.PASS)
        opened = site.connect(through=proxy.port)
        opened.probe()
        opened.close()

    def test_a_server_that_stays_silent_is_a_timeout(
        self, site: ReachableSite, proxy: FaultProxy
    ) -> None:
        proxy.behave(Behaviour.HANG)
        found = _category(lambda: site.connect(stall_seconds=0.5, through=proxy.port).probe())
        assert found is _TIMEOUT

    @pytest.mark.parametrize(
        ("behaviour", "part"),
        [(Behaviour.FREEZE, 0.5), (Behaviour.SWALLOW, 0), (Behaviour.SWALLOW, 0.5)],
    )
    def test_a_connection_that_freezes_or_is_half_open_is_a_timeout(
        self, site: ReachableSite, proxy: FaultProxy, behaviour: Behaviour, part: float
    ) -> None:
        courier = site.connect(stall_seconds=_STALL, through=proxy.port)
        proxy.behave(behaviour, after=1 + int(self.MIDWAY * part))
        file = outgoing("album.wav", some_bytes(self.LARGE))
        assert _category(lambda: upload(courier, file)) is _TIMEOUT
        courier.close()

    def test_after_a_cut_only_the_rest_is_sent_where_that_can_be(
        self, site: ReachableSite, proxy: FaultProxy
    ) -> None:
        data = some_bytes(self.LARGE)
        file = outgoing("album/01.wav", data)
        first = site.connect(through=proxy.port)
        proxy.behave(Behaviour.CUT, after=self.MIDWAY)
        assert _category(lambda: upload(first, file)) is _CONNECTIVITY
        first.close()
        assert site.read(file.path) is None

        proxy.behave(Behaviour.PASS)
        second = site.connect(through=proxy.port)
        before = proxy.upstream
        sent = upload(second, file)
        second.publish(file.path)
        second.close()
        if Can.RESUME in second.can:
            assert 0 < sent < len(data)
        assert proxy.upstream - before < sent + MB
        assert site.read(file.path) == data

    def test_every_call_on_a_lost_connection_is_a_matter_of_connectivity(
        self, site: ReachableSite, proxy: FaultProxy
    ) -> None:
        courier = site.connect(through=proxy.port)
        file = outgoing("album.wav", b"x")
        proxy.behave(Behaviour.REFUSE)
        calls: dict[Can | None, Callable[[], object]] = {
            None: lambda: upload(courier, file),
            Can.LOOK: lambda: courier.size(file.path),
            Can.LIST: lambda: courier.list("inbox"),
            Can.FETCH: lambda: courier.fetch("inbox/ack.xml", 10),
            Can.REMOVE: lambda: courier.remove(file.path),
        }
        for ability, call in calls.items():
            if ability is None or ability in courier.can:
                assert _category(call) is _CONNECTIVITY
        for call in (courier.probe, lambda: courier.publish(file.path)):
            assert _category(call) is _CONNECTIVITY
        courier.close()

    def test_an_idle_connection_does_not_time_out(self, site: ReachableSite) -> None:
        courier = site.connect(stall_seconds=_STALL)
        time.sleep(_LONGER_THAN_A_STALL)
        upload(courier, outgoing("album.wav", b"x"))
        courier.publish("album.wav")
        courier.close()
        assert site.read("album.wav") == b"x"

    def test_a_file_of_ours_that_comes_slowly_is_no_stall_of_the_other_side(
        self, site: ReachableSite
    ) -> None:
        """A cap on bandwidth keeps a courier waiting for longer than a server may."""
        file = outgoing("album.wav", some_bytes(3 * MB))
        slow = replace(file, open=lambda: cast(BinaryIO, _Slow(some_bytes(3 * MB))))
        courier = site.connect(stall_seconds=_STALL)
        upload(courier, slow)
        courier.publish(file.path)
        if Can.LOOK in courier.can:
            courier.verify(slow)
        courier.close()
        assert site.read(file.path) == some_bytes(3 * MB)

    def test_an_impostor_gets_no_credential(self, site: ReachableSite) -> None:
        """That no byte of it was sent, each protocol tests at its own server."""
        if not self.IDENTITY:
            pytest.skip("the protocol has no proof of who the server is")
        found = _category(lambda: site.connect_to_an_impostor().probe())
        assert found is FailureCategory.AUTH_INVALID

    def test_expired_credentials_are_told(self, site: ReachableSite) -> None:
        if not self.EXPIRES:
            pytest.skip("the protocol has no credentials that tell when they end")
        found = _category(lambda: site.connect_with_expired_secret().probe())
        assert found is FailureCategory.AUTH_EXPIRED


class _Slow(io.BytesIO):
    """Takes long for what comes after its middle."""

    def read(self, size: int | None = -1, /) -> bytes:
        before, data = self.tell(), super().read(size)
        if before <= len(self.getbuffer()) // 2 < self.tell():
            time.sleep(_LONGER_THAN_A_STALL)
        return data


def _category(call: Callable[[], object]) -> FailureCategory:
    """Why it failed."""
    with pytest.raises(DeliveryFailed) as failed:
        call()
    return failed.value.category
