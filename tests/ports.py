"""Ports of servers that tests start."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

START_SECONDS = 60.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


def listens(port: int, host: str = "127.0.0.1") -> bool:
    try:
        socket.create_connection((host, port)).close()
    except OSError:
        return False
    return True


def wait_for(answers: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Until the server does. Fails with what it wrote if it ends, or takes a minute."""
    deadline = time.monotonic() + START_SECONDS
    while not answers():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, f"no answer: {log.read_text()}"
        time.sleep(0.05)


def wait_for_port(
    port: int, process: subprocess.Popen[bytes], log: Path, host: str = "127.0.0.1"
) -> None:
    """As `wait_for`, until it listens."""
    wait_for(lambda: listens(port, host), process, log)
