"""Our processes, started in a moment: forked from one that has imported everything.

Each is a process of its own with the environment, the log and the command line that `deadwax
NAME` would have; only the imports are not done again.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deadwax.infrastructure.parent import die_with_parent

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["tests.faults.everything", "tests.faults.crashing_process"])


class Running:
    """A process of ours, as `subprocess.Popen` shows one."""

    def __init__(
        self, module: str, arguments: Sequence[str], environ: Mapping[str, str], log: Path
    ):
        call = (module, list(arguments), dict(environ), log)
        self._process = _forking.Process(target=_run, args=call, daemon=True)
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    def send_signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._process.kill()

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code, negative for a signal; None if it still runs after `timeout`."""
        self._process.join(timeout)
        return self._process.exitcode


def _run(module: str, arguments: list[str], environ: dict[str, str], log: Path) -> None:
    die_with_parent(signal.SIGKILL)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(out, 1)
    os.dup2(out, 2)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = [module, *arguments]
    importlib.import_module(module).main()
