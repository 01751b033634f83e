"""The API as a process, as tests start and watch it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from deadwax.infrastructure.parent import die_with_parent
from deadwax.infrastructure.settings import Settings

ROOT = Path(__file__).parents[2]


class Server:
    """`deadwax api`, or a `script` that serves; all output in one file."""

    def __init__(self, settings: Settings, *command: str, stall_seconds: int = 1) -> None:
        settings.home.mkdir(parents=True, exist_ok=True)
        self.address_file = settings.home / "api.json"
        self.log = settings.home / "api.log"
        environ = {
            **os.environ,
            "DEADWAX_HOME": str(settings.home),
            "DEADWAX_DATABASE_URL": settings.require_database(),
            "DEADWAX_STALL_SECONDS": str(stall_seconds),
            "DEADWAX_MAX_BODY_BYTES": "65536",
            "DEADWAX_MAX_ASSET_BYTES": str(settings.max_asset_bytes),
        }
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *(command or ("-m", "deadwax.workers.cli", "api"))],
                env=environ,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )
        self.url = self._wait()

    def _wait(self) -> str:
        for _ in range(600):
            assert self.process.poll() is None, self.log.read_text()
            try:
                url = str(json.loads(self.address_file.read_text())["url"])
                if httpx.get(f"{url}/readyz").status_code == 200:
                    return url
            except (OSError, httpx.HTTPError):
                pass
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def peak_memory(self) -> int:
        """Bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait(timeout=40)


Start = Callable[..., Server]
