"""Media tools in processes of their own: a file can kill the one that reads it, and no other."""

from __future__ import annotations

import base64
import errno
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import LifoQueue
from typing import Self

import structlog

from deadwax.application.media import DECODER_DIED, Fraction, Picture, Rendered
from deadwax.domain.assets import Facts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import Analysis
from deadwax.domain.media.recipes import Recipe
from deadwax.infrastructure.media.jobs import Answer, Failure, Job
from deadwax.infrastructure.media.process import Died, MediaProcess, TookTooLong

_log = structlog.get_logger()

_TRIES = 3
"""For a file at which a process dies: the first death may have been another's fault."""
_OF_THE_FILE = (errno.EINVAL, errno.EOVERFLOW)
"""What the system answers to a decoder that follows the wrong numbers of a file; the other errors
are of our disks and our memory."""

CHILD = (sys.executable, "-m", "deadwax.infrastructure.media.child")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of one job: bytes of memory; seconds of processor time, and for each MiB of the file, which
    is some dozens of times what healthy files need. Waiting counts too, `patience` times less.
    A process is replaced after `jobs`."""

    memory: int = 2 << 30
    seconds: float = 60
    seconds_per_mib: float = 1
    patience: float = 4
    jobs: int = 500

    def of(self, path: str) -> int:
        size = os.path.getsize(path)
        return 1 + int(self.seconds + self.seconds_per_mib * size / (1 << 20))


class Workbench:
    """Implements application.media.MediaTools with at most `processes` at once; further callers
    wait. Processes are started when first needed, and end with this one. `ffmpeg` instead of the
    one that is installed with us. Thread-safe."""

    def __init__(
        self,
        processes: int,
        *,
        ffmpeg: Path | None = None,
        limits: Limits | None = None,
        command: Sequence[str] = CHILD,
    ) -> None:
        self._limits = limits or Limits()
        self._command = [*command, str(self._limits.memory), *([str(ffmpeg)] if ffmpeg else [])]
        # A process gets the signal that its parent is gone when the *thread* that started it
        # ends: so all are started by one, which lives as long as this.
        self._starter = ThreadPoolExecutor(1, "media-starter")
        self._free: LifoQueue[MediaProcess | None] = LifoQueue()
        self._running: set[MediaProcess] = set()
        self._closed = False
        for _ in range(processes):
            self._free.put(None)

    def recognise(self, path: str, filename: str) -> Facts:
        answer = self._run(Job(call="recognise", path=path, filename=filename))
        assert answer.facts
        return answer.facts

    def analyse(self, path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
        job = Job(call="analyse", path=path, filename=filename, facts=facts)
        answer = self._run(job, progress)
        assert answer.analysis
        return answer.analysis

    def render(
        self, path: str, recipe: Recipe, out: str, progress: Fraction, cover: str | None = None
    ) -> Rendered:
        job = Job(call="render", path=path, recipe=recipe, out=os.path.abspath(out), cover=cover)
        answer = self._run(job, progress)
        assert answer.rendered
        return answer.rendered

    def picture(self, path: str, picture: Picture) -> bytes:
        answer = self._run(Job(call="picture", path=path, picture=picture))
        assert answer.picture is not None
        return base64.b64decode(answer.picture)

    def close(self) -> None:
        """Ends all processes; calls under way, and later ones, raise Closed."""
        self._closed = True
        for process in [*self._running]:
            process.kill()
        self._free.put(None)  # one who waits is told, and puts it back for the next
        self._starter.shutdown()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, job: Job, progress: Fraction = lambda done: None) -> Answer:
        job = replace(job, path=os.path.abspath(job.path), seconds=self._limits.of(job.path))
        for _ in range(_TRIES):
            with suppress(Died):
                return _checked(self._once(job, progress), job)
            if job.out:
                Path(job.out).unlink(missing_ok=True)
        raise _refused(
            DECODER_DIED,
            "The program that reads such files broke off at it.",
            "Export the file again from its source and upload that.",
        )

    def _once(self, job: Job, progress: Fraction) -> Answer:
        process = self._free.get()
        try:
            process = self._alive(process)
            answer = self._ask(process, job, progress)
            broken = answer.failure is not None and answer.failure.memory
        except BaseException:
            broken = True
            raise
        finally:
            if process and (broken or process.jobs >= self._limits.jobs):
                self._end(process)
                process = None
            self._free.put(process)
        return answer

    def _alive(self, process: MediaProcess | None) -> MediaProcess:
        if process and not process.alive:
            self._end(process)
            process = None
        if self._closed:
            raise Closed
        return process or self._starter.submit(self._start).result()

    def _start(self) -> MediaProcess:
        process = MediaProcess(self._command)
        self._running.add(process)
        return process

    def _end(self, process: MediaProcess) -> None:
        self._running.discard(process)
        process.end()

    def _ask(self, process: MediaProcess, job: Job, progress: Fraction) -> Answer:
        try:
            return process.ask(job, job.seconds * self._limits.patience, progress)
        except TookTooLong:
            raise _took_too_long(job) from None
        except Died as died:
            if self._closed:
                raise Closed from None
            _log.warning("media_process_died", call=job.call, code=died.code)
            if died.code == -signal.SIGXCPU:
                raise _took_too_long(job) from None
            raise


class Closed(Exception):
    """The workbench was closed: nothing was found of the file."""


def _checked(answer: Answer, job: Job) -> Answer:
    if answer.refusal:
        raise Refused(answer.refusal.summary, answer.refusal.problems)
    if answer.failure:
        raise _judged(answer.failure, job)
    return answer


def _judged(failure: Failure, job: Job) -> Exception:
    if failure.memory:
        return _refused(
            "media_took_too_much_memory",
            "Reading the file takes more memory than any sound file of its kind needs.",
            "Export the file again, in a common form, and upload that.",
        )
    _log.warning("media_tool_failed", call=job.call, what=failure.what, trace=failure.trace)
    if failure.error_number not in (None, *_OF_THE_FILE):
        return OSError(failure.error_number, failure.what)
    return _refused(
        "media_decoder_failed",
        "The program that reads such files could not read it.",
        "Export the file again from its source and upload that.",
    )


def _took_too_long(job: Job) -> Refused:
    return _refused(
        "media_took_too_long",
        f"Reading the file took more than {job.seconds} seconds of processor time, many times"
        " what a file of its size needs.",
        "Export the file again, in a common form, and upload that.",
    )


def _refused(code: str, message: str, fix: str) -> Refused:
    return Refused("The file was not read", [Problem(code, "file", message, fix)])
