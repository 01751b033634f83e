"""`deadwax up`: everything starts, works, and ends together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from deadwax.workers.keys_cli import wait_for_api


@pytest.fixture
def up(short_tmp: Path) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    home = short_tmp / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "deadwax.workers.cli", "up"],
        env={**os.environ, "DEADWAX_HOME": str(home)},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process, home
    finally:
        process.kill()
        process.wait()
        until(lambda: family(home) == [])


def family(home: Path) -> list[psutil.Process]:
    """All processes of this home."""
    found = []
    for process in psutil.process_iter(["cmdline", "environ"]):
        own = (process.info["environ"] or {}).get("DEADWAX_HOME") == str(home)
        if own or str(home) in " ".join(process.info["cmdline"] or []):
            found.append(process)
    return found


def until(there: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_sigterm_ends_everything_and_leaves_no_child(
    up: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, home = up
    url = wait_for_api(home)
    assert httpx.get(f"{url}/livez").status_code == 200
    until(lambda: (home / "operator.key").exists())
    assert len(family(home)) > 7
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=60) == 0
    assert family(home) == []


def test_a_killed_supervisor_leaves_no_child(up: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, home = up
    wait_for_api(home)
    process.kill()
    until(lambda: family(home) == [])


def test_a_process_that_ends_is_started_again(up: tuple[subprocess.Popen[bytes], Path]) -> None:
    process, home = up
    wait_for_api(home)
    (api,) = [p for p in family(home) if (p.info["cmdline"] or [""])[-1] == "api"]
    api.kill()
    api.wait()
    until(lambda: any(p.pid != api.pid and p.cmdline()[-1:] == ["api"] for p in family(home)))
    assert httpx.get(f"{wait_for_api(home)}/livez").status_code == 200
    assert process.poll() is None
