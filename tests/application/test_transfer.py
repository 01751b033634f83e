"""Files over several connections, in order, under a cap, and how far they are."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, BinaryIO, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deadwax.application.errors import DeliveryFailed, Stopped
from deadwax.application.meter import Meter
from deadwax.application.ports import Snapshot
from deadwax.application.stages import in_order
from deadwax.application.throttle import PacedFile, Throttle
from deadwax.application.transfer import Transfer
from deadwax.domain.failures import FailureCategory

MIB = 1 << 20
REFUSED = DeliveryFailed(FailureCategory.API_RATE_LIMIT, "One connection at a time.")


class Courier:
    closed = False

    def close(self) -> None:
        self.closed = True


class Site:
    def __init__(self, most: int = 99) -> None:
        self.most, self.opened, self.said = most, list[Courier](), list[str]()

    def connect(self) -> Any:
        if len(self.opened) >= self.most:
            raise REFUSED
        self.opened.append(Courier())
        return self.opened[-1]

    def transfer(self, connections: int, go_on: Callable[[], bool] = lambda: True) -> Transfer:
        return Transfer(self.connect, connections, go_on, lambda what, **_: self.said.append(what))


def files(*sizes: int) -> list[dict[str, Any]]:
    return [{"path": str(n), "size": size} for n, size in enumerate(sizes)]


# -- over several connections


@given(st.lists(st.integers(0, 20 * MIB), max_size=30), st.integers(1, 8))
def test_every_file_is_done_once(sizes: list[int], connections: int) -> None:
    done, site = list[str](), Site()
    with site.transfer(connections) as transfer:
        transfer.each(files(*sizes), lambda courier, file, go_on: done.append(file["path"]))
    assert sorted(done) == sorted(file["path"] for file in files(*sizes))
    assert 1 <= len(site.opened) <= connections
    assert all(courier.closed for courier in site.opened)


def test_connections_work_at_once() -> None:
    meeting, site = threading.Barrier(3, timeout=30), Site()
    with site.transfer(3) as transfer:
        transfer.each(files(*[8 * MIB] * 3), lambda courier, file, go_on: meeting.wait())
    assert len(site.opened) == 3


def test_small_files_do_not_open_connections() -> None:
    site = Site()
    with site.transfer(8) as transfer:
        transfer.each(files(*[1000] * 50), lambda *_: None)
    assert len(site.opened) == 1


def test_the_largest_file_begins_first() -> None:
    begun: list[int] = []
    with Site().transfer(1) as transfer:
        transfer.each(files(1, 9, 5, 7), lambda courier, file, go_on: begun.append(file["size"]))
    assert begun == [9, 7, 5, 1]


def test_a_server_that_allows_one_connection_gets_all_files_by_it() -> None:
    site, done = Site(most=1), list[str]()
    with site.transfer(4) as transfer:
        transfer.each(files(*[8 * MIB] * 4), lambda courier, file, go_on: done.append(file["path"]))
    assert len(done) == 4
    assert "connection_not_opened" in site.said


def test_the_first_connection_has_to_open() -> None:
    with pytest.raises(DeliveryFailed), Site(most=0).transfer(4):
        pass


def test_a_failure_stops_the_others_and_is_what_is_told() -> None:
    """The others only end because they are asked to."""
    site, meeting = Site(), threading.Barrier(3, timeout=30)
    lost = DeliveryFailed(FailureCategory.NETWORK_CONNECTIVITY, "lost")

    def work(courier: Any, file: dict[str, Any], go_on: Callable[[], bool]) -> None:
        meeting.wait()
        if file["path"] == "1":
            raise lost
        stopped = threading.Event()
        while go_on():
            stopped.wait(0.001)
        raise Stopped("asked to")

    with pytest.raises(DeliveryFailed) as told, site.transfer(3) as transfer:
        transfer.each(files(*[8 * MIB] * 9), work)
    assert told.value is lost
    assert all(courier.closed for courier in site.opened)


def test_what_is_to_stop_stops() -> None:
    def work(courier: Any, file: dict[str, Any], go_on: Callable[[], bool]) -> None:
        if not go_on():
            raise Stopped("asked to")

    with pytest.raises(Stopped), Site().transfer(3, lambda: False) as transfer:
        transfer.each(files(*[8 * MIB] * 9), work)


def test_a_mistake_of_ours_in_a_thread_is_not_lost() -> None:
    def work(courier: Any, file: dict[str, Any], go_on: Any) -> None:
        raise IndexError(file["path"])

    with pytest.raises(IndexError), Site().transfer(3) as transfer:
        transfer.each(files(*[8 * MIB] * 3), work)


# -- in order


def _message(*roles: str, folder: str = "a") -> Any:
    named = [
        {"path": f"{folder}/{n}" if role not in ("manifest", "marker") else role, "role": role}
        for n, role in enumerate(roles)
    ]
    return SimpleNamespace(message={"files": named})


def _stages(*members: Any) -> list[set[str]]:
    stages, completing = in_order(members)
    return [*({file["path"] for file in stage} for stage in stages), {completing["path"]}]


def test_resources_go_at_once_and_checksums_before_them() -> None:
    checked = ("checksum", "resource", "checksum", "resource")
    assert _stages(_message(*checked, "checksum", "message", "manifest")) == [
        *({"a/0", "a/2"}, {"a/1", "a/3"}, {"a/4"}, {"a/5"}, {"manifest"})
    ]


def test_the_message_may_go_first() -> None:
    assert _stages(_message("message", "resource", "resource", "manifest", "marker")) == [
        *({"a/0"}, {"a/1", "a/2"}, {"manifest"}, {"marker"})
    ]


def test_a_message_that_completes_its_delivery_goes_last() -> None:
    assert _stages(_message("resource", "resource", "message")) == [{"a/0", "a/1"}, {"a/2"}]


def test_messages_of_a_batch_go_together() -> None:
    one = _message("resource", "message", "manifest")
    other = _message("message", "manifest", folder="b")
    assert _stages(one, other) == [{"a/0", "b/0"}, {"a/1"}, {"manifest"}]


def test_files_stored_before_there_were_roles_keep_their_order() -> None:
    old = SimpleNamespace(message={"files": [{"path": path} for path in "abc"]})
    assert _stages(old) == [{"a"}, {"b"}, {"c"}]


ROLES = st.lists(st.sampled_from(["resource", "checksum", "message"]), min_size=1, max_size=12)


@given(st.lists(ROLES, min_size=1, max_size=4), st.booleans())
def test_no_file_is_lost_and_none_goes_before_its_checksum(
    batch: list[list[str]], manifest: bool
) -> None:
    ending = ["manifest"] if manifest else []
    members = [_message(*roles, *ending, folder=str(n)) for n, roles in enumerate(batch)]
    stages = _stages(*members)
    at = {path: n for n, stage in enumerate(stages) for path in stage}
    every = {file["path"] for member in members for file in member.message["files"]}
    assert (set(at), sum(map(len, stages))) == (every, len(every))
    for member in members:
        own = member.message["files"]
        for file, following in pairwise(own):
            if file["role"] == "checksum" and following["role"] not in ("checksum", "manifest"):
                assert at[file["path"]] < at[following["path"]]


# -- under a cap


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=60), st.integers(1024, 10 * MIB))
def test_a_throttle_keeps_the_rate(blocks: list[int], rate: int) -> None:
    clock = Clock()
    throttle = Throttle(rate, lambda: clock.now, clock.sleep)
    for block in blocks:
        throttle.wait(lambda: True)
        throttle.spent(block)
    throttle.wait(lambda: True)
    assert clock.now >= sum(blocks) / rate - 0.0011
    assert clock.now <= sum(blocks) / rate + 0.2, "and uses it"


def test_what_was_saved_up_is_a_moment_s_worth() -> None:
    clock = Clock()
    throttle = Throttle(1000, lambda: clock.now, clock.sleep)
    clock.now = 3600.0
    throttle.spent(10_000)
    throttle.wait(lambda: True)
    assert clock.now - 3600 > 9


def test_who_waits_is_asked_and_can_be_stopped() -> None:
    clock, naps = Clock(), list[float]()

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        clock.sleep(seconds)

    throttle = Throttle(1000, lambda: clock.now, sleep)
    throttle.spent(100_000)
    with pytest.raises(Stopped):
        throttle.wait(lambda: len(naps) < 5)
    assert max(naps) <= 0.1


def test_a_paced_file_reads_like_the_file() -> None:
    data = bytes(range(256)) * 64
    throttle = Throttle(MIB)
    paced = PacedFile(io.BytesIO(data), throttle, lambda: True)
    assert paced.read(100) + paced.read() == data
    assert paced.seek(-10, io.SEEK_END) == len(data) - 10
    assert (paced.read(99), paced.tell()) == (data[-10:], len(data))
    paced.seek(0)
    into = bytearray(50)
    assert cast(BinaryIO, paced).readinto(into) == 50  # type: ignore[attr-defined]
    assert into == data[:50]
    paced.close()
    assert paced.closed


# -- how far it is


class Screen:
    def __init__(self) -> None:
        self.shown: list[Snapshot] = []
        self.forgotten = 0

    def show(self, tokens: Any, snapshot: Snapshot) -> None:
        self.shown.append(snapshot)

    def forget(self, tokens: Any) -> None:
        self.forgotten += 1


def test_it_says_once_a_second_how_far_it_is() -> None:
    clock, screen = Clock(), Screen()
    several = files(1000, 3000)
    with Meter(screen, {UUID(int=1): 1}, "primary", several, lambda: clock.now) as meter:
        meter.finished(several[0])  # it stood there already
        meter.began(several[1])
        for _ in range(8):
            clock.sleep(0.25)
            meter.sent(several[1], 250)
    assert len(screen.shown) == 2
    last = screen.shown[-1]
    assert (last.file, last.files_done, last.files) == ("1", 1, 2)
    assert (last.bytes_sent, last.bytes_done, last.bytes_total) == (2000, 3000, 4000)
    assert (last.rate, last.seconds_left) == (1000, 1)
    assert screen.forgotten == 1


def test_what_is_over_within_a_second_shows_nothing() -> None:
    clock, screen = Clock(), Screen()
    several = files(5)
    with Meter(screen, {UUID(int=1): 1}, "primary", several, lambda: clock.now) as meter:
        meter.sent(several[0], 5)
        meter.finished(several[0])
    assert (screen.shown, screen.forgotten) == ([], 0)


def test_nothing_that_moves_has_no_estimate() -> None:
    clock, screen = Clock(), Screen()
    several = files(5)
    with Meter(screen, {UUID(int=1): 1}, "primary", several, lambda: clock.now) as meter:
        clock.sleep(2)
        meter.sent(several[0], 0)
    assert (screen.shown[0].rate, screen.shown[0].seconds_left) == (0, None)
