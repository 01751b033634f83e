"""One process that opens media files, seen from the one that asks it."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from deadwax.domain.plain import from_plain, to_plain
from deadwax.infrastructure.media.jobs import Answer, Job
from deadwax.infrastructure.settings import ordinary_environment

_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""There are as many processes as there is work for; threads of a library would only contend."""
_BLOCK = 1 << 16


class Died(Exception):
    """The process ended in the middle of a job; `code` as subprocess gives it."""

    def __init__(self, code: int) -> None:
        super().__init__(f"The process ended with {code}.")
        self.code = code


class TookTooLong(Exception):
    """There was no answer in time."""


class MediaProcess:
    """Not thread-safe. After any exception it is only good to be killed."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=ordinary_environment() | _ONE_THREAD,
            bufsize=0,
            start_new_session=True,  # so that programs that it runs can be ended with it
        )
        self._read = b""
        self.jobs = 0

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, job: Job, seconds: float, progress: Callable[[float], None]) -> Answer:
        """Raises Died, TookTooLong, and what `progress` raises."""
        deadline = time.monotonic() + seconds
        self.jobs += 1
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(to_plain(job)).encode() + b"\n")
        except BrokenPipeError:
            raise Died(self._process.wait()) from None
        while True:
            answer = from_plain(Answer, json.loads(self._line(deadline)))
            if answer.done is None:
                return answer
            progress(answer.done)

    def kill(self) -> None:
        """With all that it started; who waits for its answer is told that it died."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def end(self) -> None:
        """When nobody waits for it."""
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe
            pipe.close()

    def _line(self, deadline: float) -> bytes:
        assert self._process.stdout
        handle = self._process.stdout.fileno()
        waiting = select.poll()
        waiting.register(handle, select.POLLIN)
        parts = [self._read]
        while b"\n" not in parts[-1]:
            if not waiting.poll(max(0.0, deadline - time.monotonic()) * 1000):
                raise TookTooLong
            block = os.read(handle, _BLOCK)
            if not block:
                raise Died(self._process.wait())
            parts.append(block)
        line, _, self._read = b"".join(parts).partition(b"\n")
        return line
