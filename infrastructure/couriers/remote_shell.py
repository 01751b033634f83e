"""Runs small POSIX scripts on the other side of an SSH connection, one after the other."""

from __future__ import annotations

import re
import secrets
import shlex
from collections.abc import Callable
from contextlib import suppress

import paramiko

from deadwax.infrastructure.couriers.ssh import SshConnection

_BLOCK = 32 * 1024
_MOST_WORDS = 300


class ScriptFailed(Exception):
    """`status` is what it ended with; the text what it said about it."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words[:_MOST_WORDS])
        self.status = status


def quoted(path: str) -> str:
    """A path as one word that is nothing but a path: no option, no pattern, no command."""
    return shlex.quote(path if path.startswith("/") else f"./{path}")


class RemoteShell:
    """One `sh` for all scripts, whatever the login shell is: it reads them from its standard
    input, and says after each on both outputs, by a word that nobody can guess, that it ended."""

    def __init__(self, connection: SshConnection) -> None:
        """Raises as paramiko does where no command can be started."""
        self.connection = connection
        self._token = secrets.token_hex(16)
        self._end = re.compile(rb"\n%b ([0-9]+)\n\Z" % self._token.encode())
        self._channel = connection.execute("sh")
        self._say("LC_ALL=C; export LC_ALL")

    def run(self, script: str) -> bytes:
        """What it wrote. Raises ScriptFailed, or as paramiko does."""
        say_end = rf"printf '\n%s %d\n' {self._token} $status"
        self._say(f"(\n{script}\n) < /dev/null; status=$?; {say_end}; {say_end} >&2")
        output, status = self._answer(self._channel.recv)
        words, _ = self._answer(self._channel.recv_stderr)
        if status:
            raise ScriptFailed(status, words.decode("utf-8", "replace").strip())
        return output

    def _say(self, line: str) -> None:
        with suppress(OSError):  # it has gone: why is found where its answer is read
            self._channel.sendall(f"{line}\n".encode())

    def _answer(self, receive: Callable[[int], bytes]) -> tuple[bytes, int]:
        answer = bytearray()
        while True:
            block = receive(_BLOCK)
            if not block:
                raise ended(self._channel)
            self.connection.moved()
            answer += block
            end = self._end.search(answer, max(0, len(answer) - 100))
            if end:
                return bytes(answer[: end.start()]), int(end[1])


def ended(channel: paramiko.Channel) -> ScriptFailed:
    """How a command ended that should still run. Raises EOFError if the connection broke."""
    words = channel.recv_stderr(_BLOCK).decode("utf-8", "replace").strip()
    status = channel.recv_exit_status()
    if status == -1:
        raise EOFError("the connection was lost")
    return ScriptFailed(status, words)
