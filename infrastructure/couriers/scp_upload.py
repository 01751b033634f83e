"""The sending half of the scp protocol, as OpenSSH's `scp -t` takes it.

A line says what comes (`C0644 <size> <name>`), the bytes follow, then a zero byte; the other
side answers each of the three with a zero byte, or with 1 or 2 and a line that says why not.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any

from paramiko import Channel

from deadwax.infrastructure.couriers.own_file import OwnFile
from deadwax.infrastructure.couriers.remote_shell import RemoteShell, ScriptFailed, ended, quoted

_MOST_WORDS = 300


def send(shell: RemoteShell, path: str, ours: OwnFile, progress: Callable[[int], None]) -> None:
    """Write our file at `path`; less of it if it ends early. Raises ScriptFailed where the other
    side refuses, or as paramiko does."""
    with closing(shell.connection.execute(f"scp -t {quoted(path)}")) as channel:
        _expect_ok(shell, channel)
        # The name counts only where `path` is a folder, which a `.part` is not.
        channel.sendall(f"C0644 {ours.file.size} file\n".encode())
        _expect_ok(shell, channel)
        left = ours.file.size
        raw: Any = channel  # paramiko's types do not tell that it takes what is not copied
        for block in shell.connection.reading(ours.blocks(ours.file.size)):
            raw.sendall(memoryview(block))
            progress(len(block))
            left -= len(block)
        if not left:
            channel.sendall(b"\0")
            _expect_ok(shell, channel)


def _expect_ok(shell: RemoteShell, channel: Channel) -> None:
    answer = channel.recv(1)
    shell.connection.moved()
    if not answer:
        raise ended(channel)
    if answer != b"\0":
        raise ScriptFailed(ord(answer), _line(channel))


def _line(channel: Channel) -> str:
    words = b""
    while len(words) < _MOST_WORDS and not words.endswith(b"\n"):
        byte = channel.recv(1)
        if not byte:
            break
        words += byte
    return words.decode("utf-8", "replace").strip()
