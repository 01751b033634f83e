"""A TCP proxy that misbehaves on demand: what stands between two processes in tests of faults,
ours and those of plug-ins."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from types import TracebackType
from typing import Self

_CHUNK = 64 * 1024
_STEPS = 50  # a second, of what crawls


class Behaviour(Enum):
    PASS = "pass"  # noqa: S105
    REFUSE = "refuse"  # nobody listens, open connections are dropped
    HANG = "hang"  # connections are accepted and nothing is forwarded
    CUT = "cut"  # connections are dropped once `after` more bytes went upstream
    FREEZE = "freeze"  # nothing is forwarded once `after` more bytes went upstream
    CRAWL = "crawl"  # `after` bytes a second pass upstream
    SWALLOW = "swallow"  # from then on bytes are taken, as by a dead host's buffers, and lost


class FaultProxy:
    """Listens on a free loopback port and forwards to `target_host:target_port`; `beside` are
    further ports of the target, which are reached by the same numbers.

    `behave` takes effect at once, on open connections too; `after` is counted from that call,
    over all connections. `connections`, `upstream` and `downstream` count connections and
    bytes since the start. Close it, or use it in a `with`.
    """

    def __init__(self, target_host: str, target_port: int, beside: Sequence[int] = ()) -> None:
        self.host, self.port = "127.0.0.1", 0
        self.connections = self.upstream = self.downstream = 0
        self._target, self._beside = (target_host, target_port), beside
        self._changed = threading.Condition()
        self._behaviour, self._limit, self._rate = Behaviour.PASS, 0, 0
        self._listeners: list[socket.socket] = []
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def behave(self, behaviour: Behaviour, after: int = 0) -> None:
        with self._changed:
            self._behaviour, self._limit = behaviour, self.upstream + after
            self._rate = after
            self._changed.notify_all()
        if behaviour is Behaviour.REFUSE:
            self._stop_listening()
            self._drop_links()
        elif not self._listeners:
            self._listen()

    def close(self) -> None:
        self.behave(Behaviour.REFUSE)
        # A connection accepted just before may have been linked only now.
        for thread in self._threads:
            self._drop_links()
            thread.join()
        for link in self._links:
            link.close()

    def _listen(self) -> None:
        first = self._listen_on(self.port, self._target)
        self.port = first.getsockname()[1]
        for port in self._beside:
            self._listen_on(port, (self._target[0], port))

    def _listen_on(self, port: int, target: tuple[str, int]) -> socket.socket:
        listener = socket.create_server((self.host, port))
        self._listeners.append(listener)
        self._start(threading.Thread(target=self._accept, args=(listener, target), daemon=True))
        return listener

    def _stop_listening(self) -> None:
        for listener in self._listeners:
            # Closing alone would leave the accepting thread waiting for ever.
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        self._listeners = []

    def _drop_links(self) -> None:
        for link in self._links:
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _start(self, thread: threading.Thread) -> None:
        self._threads.append(thread)
        thread.start()

    def _accept(self, listener: socket.socket, target: tuple[str, int]) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                server = socket.create_connection(target)
            except OSError:
                client.close()
                continue
            self._links += [client, server]
            for source, sink in ((client, server), (server, client)):
                source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                pump = threading.Thread(target=self._pump, args=(source, sink, source is client))
                pump.daemon = True
                self._start(pump)

    def _pump(self, source: socket.socket, sink: socket.socket, is_upstream: bool) -> None:
        with suppress(OSError):
            while data := source.recv(_CHUNK):
                while data:
                    count = self._allowed(len(data), is_upstream)
                    if not self._swallows():
                        sink.sendall(data[:count])
                    data = data[count:]
        for link in (source, sink):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)

    def _swallows(self) -> bool:
        return self._behaviour is Behaviour.SWALLOW and self.upstream > self._limit

    def _allowed(self, wanted: int, is_upstream: bool) -> int:
        """Wait until some bytes may pass, and count them. Raises OSError to drop the link."""
        with self._changed:
            while True:
                left = max(0, self._limit - self.upstream)
                match self._behaviour:
                    case Behaviour.CRAWL if is_upstream:
                        time.sleep(1 / _STEPS)
                        count = min(wanted, max(1, self._rate // _STEPS))
                    case Behaviour.PASS | Behaviour.SWALLOW | Behaviour.CRAWL:
                        count = wanted
                    case Behaviour.CUT | Behaviour.FREEZE if left:
                        count = min(wanted, left) if is_upstream else wanted
                    case Behaviour.HANG | Behaviour.FREEZE:
                        self._changed.wait()
                        continue
                    case _:
                        raise ConnectionAbortedError
                if is_upstream:
                    self.upstream += count
                else:
                    self.downstream += count
                return count
