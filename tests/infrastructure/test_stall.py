"""A connection on which nothing moves is ended, whichever of its sockets is waited for."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from deadwax.infrastructure.couriers.stall import StallWatch


@pytest.fixture
def silent() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two sockets whose other sides say nothing."""
    one, far_one = socket.socketpair()
    two, far_two = socket.socketpair()
    yield one, two
    for sock in (one, far_one, two, far_two):
        sock.close()


def test_a_read_on_which_nothing_moves_ends(silent: tuple[socket.socket, socket.socket]) -> None:
    watch = StallWatch(silent[0], 0.1)
    with watch.watching():
        assert silent[0].recv(1) == b""
    assert watch.stalled
    watch.close()


def test_after_a_stall_no_other_socket_of_the_session_is_waited_for(
    silent: tuple[socket.socket, socket.socket],
) -> None:
    """The end of a read by a stall looks like the end of a file: what comes next must not hang."""
    watch = StallWatch(silent[0], 0.1)
    with watch.watching():
        assert silent[0].recv(1) == b""
        watch.turn_to(silent[1])
        assert silent[1].recv(1) == b""
    watch.close()


def test_an_idle_session_is_left_alone(silent: tuple[socket.socket, socket.socket]) -> None:
    watch = StallWatch(silent[0], 0.1)
    silent[0].settimeout(0.5)
    with pytest.raises(TimeoutError):
        silent[0].recv(1)
    assert not watch.stalled
    watch.close()
