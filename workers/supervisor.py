"""`deadwax up`: the servers and all processes of one machine, started and stopped together."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog

from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.migrate import migrate
from deadwax.infrastructure.parent import die_with_parent
from deadwax.infrastructure.settings import Settings

PROCESSES = ("api", "dispatcher", "worker", "projector", "scheduler")
_STOP_SECONDS = 40.0
_log = structlog.get_logger()


@contextmanager
def servers(settings: Settings) -> Iterator[dict[str, str]]:
    """The environment that names the servers: those configured, or embedded ones started here."""
    if settings.database_url and settings.redis_url:
        yield {}
        return
    with EmbeddedServers(settings.home) as embedded:
        yield {
            "DEADWAX_DATABASE_URL": settings.database_url or embedded.database_url,
            "DEADWAX_REDIS_URL": settings.redis_url or embedded.redis_url,
        }


class Supervisor:
    """Our processes as children. One that ends by itself is started again."""

    def __init__(self, home: Path, environ: dict[str, str]) -> None:
        self._logs = home / "logs"
        self._environ = {**os.environ, **environ, "DEADWAX_HOME": str(home)}
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        self._logs.mkdir(parents=True, exist_ok=True)
        for name in PROCESSES:
            self._start(name)

    def run(self, stop: threading.Event) -> None:
        """Watch the children until `stop`."""
        while not stop.wait(0.5):
            self.watch()

    def watch(self) -> None:
        """Start again what ended."""
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                _log.warning("process_ended", process=name, exit_code=child.returncode)
                self._start(name)

    def pids(self) -> dict[str, int]:
        return {name: child.pid for name, child in self._children.items()}

    def stop(self) -> None:
        """SIGTERM to all, then SIGKILL to what is still there."""
        for child in self._children.values():
            child.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for name, child in self._children.items():
            try:
                child.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                _log.warning("process_killed", process=name)
                child.kill()
                child.wait()
        self._children.clear()

    def _start(self, name: str) -> None:
        with (self._logs / f"{name}.log").open("ab") as log:
            self._children[name] = subprocess.Popen(
                [sys.executable, "-m", "deadwax.workers.cli", name],
                env=self._environ,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # a Ctrl-C in the terminal is ours to pass on
                preexec_fn=die_with_parent,
            )


@contextmanager
def everything(settings: Settings) -> Iterator[Supervisor]:
    """Servers, migrated database and all processes; everything stopped at the end."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with servers(settings) as environ:
        url = environ.get("DEADWAX_DATABASE_URL") or settings.database_url
        assert url is not None
        migrate(url)
        (settings.home / "api.json").unlink(missing_ok=True)
        supervisor = Supervisor(settings.home, environ)
        supervisor.start()
        try:
            yield supervisor
        finally:
            supervisor.stop()
