"""Ends a connection on which nothing moves.

Neither TCP_USER_TIMEOUT nor a channel timeout covers every stall (a frozen server still
answers the kernel, small buffers never fill): shutting the socket down does.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class StallWatch:
    """Shuts `sock` down when a watched call made no progress for `seconds`.

    `stalled` then says why the connection broke. An idle connection is not watched. Where the
    connection is only made within a call, `turn_to` names its socket.
    """

    def __init__(self, sock: socket.socket | None, seconds: float) -> None:
        self.seconds = seconds
        self.stalled = False
        self._sock = sock
        self._deadline: float | None = None
        self._turning = threading.Lock()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stall-watch", daemon=True)
        self._thread.start()

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.moved()
        try:
            yield
        finally:
            self._deadline = None

    def moved(self) -> None:
        """Start the clock again; only inside `watching`."""
        self._deadline = time.monotonic() + self.seconds

    def turn_to(self, sock: socket.socket) -> None:
        """Watch another socket of the same session. After a stall it is shut down as well: a read
        that the shutdown ended looks like the end of a file, and what followed it would wait for
        ever, watched by nobody."""
        with self._turning:
            self._sock = sock
            if self.stalled:
                _shut_down(sock)

    def rest(self) -> None:
        """Stop the clock until something moves again."""
        self._deadline = None

    def close(self) -> None:
        self._closed.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._closed.wait(min(1.0, self.seconds / 10)):
            deadline = self._deadline
            if deadline is not None and time.monotonic() > deadline:
                with self._turning:
                    self.stalled = True
                    if self._sock is not None:
                        _shut_down(self._sock)
                return


def _shut_down(sock: socket.socket) -> None:
    with suppress(OSError):
        # The socket's own: that of TLS would have what follows sent in the clear.
        socket.socket.shutdown(sock, socket.SHUT_RDWR)
