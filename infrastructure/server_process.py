"""One server as a child that does not outlive its owner and never meets its own ghost."""

from __future__ import annotations

import fcntl
import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from deadwax.infrastructure.cluster import becoming
from deadwax.infrastructure.parent import die_with_parent

START_SECONDS = 60.0  # recovery after a kill may take a while
STOP_SECONDS = 30.0


class ServerFailed(Exception):
    """A server does not run; the text says which, and shows the end of its log."""


@dataclass
class ServerProcess:
    """A server of one home. `leftovers` are what a killed one leaves in its folder.

    Start it in a thread that outlives it: Linux ends a child with the thread that made it.
    """

    name: str
    home: Path
    command: Sequence[str | Path]
    folder: Path
    stop_signal: signal.Signals
    answers: Callable[[], bool]
    leftovers: Sequence[Path]
    account: pwd.struct_passwd | None = None
    _child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int | None:
        return self._child.pid if self._child else None

    @property
    def log(self) -> Path:
        return self.home / f"{self.name}.log"

    def start(self) -> None:
        """Returns when it answers; raises ServerFailed."""
        with (self.home / f"{self.name}.lock").open("ab") as lock, self.log.open("ab") as log:
            # Every process of the server inherits the lock. With it in hand there is none left
            # of an earlier one, whatever its pid file says: pids are used again.
            self._take(lock)
            for path in self.leftovers:
                path.unlink(missing_ok=True)
            self._child = subprocess.Popen(
                self.command,
                **becoming(self.account),
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[lock.fileno()],
                start_new_session=True,  # a Ctrl-C in the terminal is the owner's to pass on
                preexec_fn=partial(die_with_parent, self.stop_signal),
            )
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise ServerFailed(f"The {self.name} server did not start. {self._last_words()}")
            time.sleep(0.01)

    def stop(self, number: signal.Signals | None = None) -> None:
        """Send `number` (an orderly stop if None) and wait; SIGKILL if it takes too long."""
        if self._child is None:
            return
        self._child.send_signal(number or self.stop_signal)
        try:
            self._child.wait(timeout=STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._child = None

    def _take(self, lock: IO[bytes]) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while True:
            try:
                return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise ServerFailed(
                        f"An earlier {self.name} server of {self.home} still runs and does not"
                        " end: stop it by hand."
                    ) from None
                time.sleep(0.02)

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-5:]
        return os.linesep.join([f"The end of {self.log}:", *lines])
