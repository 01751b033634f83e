"""A unix socket in front of PostgreSQL's that loses requests and answers on demand."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

_READY = b"Z\x00\x00\x00\x05I"  # ReadyForQuery, idle: the end of every answer


class LossyLink:
    """Use `url` in place of the address given. Close it when done."""

    def __init__(self, folder: Path, database_url: str) -> None:
        (server_folder,) = parse_qs(urlsplit(database_url).query)["host"]
        self._server = f"{server_folder}/.s.PGSQL.5432"
        self.url = database_url.replace(server_folder, str(folder))
        self.lost = ""
        self._lose = ""
        self._links: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{folder}/.s.PGSQL.5432")
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_next(self, what: str) -> None:
        """`request`: drop the connection instead of passing the next request on;
        `answer`: pass it on, wait for the whole answer, and drop the connection."""
        self._lose, self.lost = what, ""

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for link in [self._listener, *self._links]:
            link.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._links += [client, server]
                for pump in (self._requests, self._answers):
                    threading.Thread(target=pump, args=(client, server), daemon=True).start()

    def _requests(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._lose == "request":
                    break
                server.sendall(data)
        self._drop(client, server, "request")

    def _answers(self, client: socket.socket, server: socket.socket) -> None:
        answer = b""
        with suppress(OSError):
            while data := server.recv(65536):
                if self._lose == "answer":
                    answer += data
                    if answer.endswith(_READY):
                        break
                    continue
                client.sendall(data)
        self._drop(client, server, "answer")

    def _drop(self, client: socket.socket, server: socket.socket, what: str) -> None:
        if self._lose == what:
            self._lose, self.lost = "", what
        for link in (client, server):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
