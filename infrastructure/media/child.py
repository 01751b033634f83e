"""A process that opens media files: `python -m deadwax.infrastructure.media.child BYTES [FFMPEG]`.

It may die of what it reads. Jobs come as lines on stdin, answers go as lines to stdout (see
jobs.py); BYTES is how much memory it may take. The tools are imported when first needed, so that
one that only looks at headers starts fast.
"""

from __future__ import annotations

import base64
import json
import math
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO

from deadwax.application.media import Fraction
from deadwax.domain.errors import Refused
from deadwax.domain.media.recipes import AudioRecipe
from deadwax.domain.plain import from_plain, to_plain
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.jobs import Answer, Failure, Job, Refusal
from deadwax.infrastructure.parent import die_with_parent

_STEP_SECONDS = 0.5
"""Progress is not told more often."""

_OF_THE_SERVICE = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

Work = Callable[[Job, Fraction], Answer]


def serve(work: Work) -> None:
    """Does jobs until stdin ends."""
    die_with_parent(signal.SIGKILL)
    # Who stops a service tells all its processes. We, and the programs that we run, end with the
    # one that asks: what it is about to finish would be refused for a file that is sound.
    signal.pthread_sigmask(signal.SIG_BLOCK, _OF_THE_SERVICE)
    memory, *other_ffmpeg = sys.argv[1:]
    _limit(int(memory))
    ffmpeg.use(other_ffmpeg[0] if other_ffmpeg else None)
    jobs, answers = _private_pipes()
    for line in jobs:
        job = from_plain(Job, json.loads(line))
        _limit_time(job.seconds)
        _write(answers, _answer(work, job, _Teller(answers)))


def work(job: Job, progress: Fraction) -> Answer:
    return _CALLS[job.call](job, progress)


def _recognise(job: Job, progress: Fraction) -> Answer:
    from deadwax.infrastructure.media.recognise import recognise

    return Answer(facts=recognise(job.path, job.filename))


def _analyse(job: Job, progress: Fraction) -> Answer:
    from deadwax.infrastructure.media.analyse import analyse

    assert job.facts
    return Answer(analysis=analyse(job.path, job.filename, job.facts, progress))


def _render(job: Job, progress: Fraction) -> Answer:
    from deadwax.infrastructure.media.render import image
    from deadwax.infrastructure.media.render.audio import render

    assert job.recipe
    if isinstance(job.recipe, AudioRecipe):
        return Answer(rendered=render(job.path, job.recipe, job.out, progress, job.cover))
    return Answer(rendered=image.render(job.path, job.recipe, job.out, progress))


def _picture(job: Job, progress: Fraction) -> Answer:
    from deadwax.infrastructure.media.pictures import picture

    assert job.picture
    return Answer(picture=base64.b64encode(picture(job.path, job.picture)).decode())


_CALLS: dict[str, Work] = {
    "recognise": _recognise,
    "analyse": _analyse,
    "render": _render,
    "picture": _picture,
}


def _answer(work: Work, job: Job, progress: Fraction) -> Answer:
    try:
        return work(job, progress)
    except Refused as refused:
        return Answer(refusal=Refusal(summary=refused.summary, problems=refused.problems))
    except Exception as error:  # whatever a decoder raises: the process that asked judges it
        number = error.errno if isinstance(error, OSError) else None
        return Answer(
            failure=Failure(
                what=f"{type(error).__name__}: {error}"[:500],
                trace=traceback.format_exc(limit=-12),
                error_number=number,
                memory=isinstance(error, MemoryError),
            )
        )


class _Teller:
    def __init__(self, answers: BinaryIO) -> None:
        self._answers, self._again_at = answers, 0.0

    def __call__(self, done: float) -> None:
        now = time.monotonic()
        if now >= self._again_at:
            self._again_at = now + _STEP_SECONDS
            _write(self._answers, Answer(done=float(done)))


def _write(answers: BinaryIO, answer: Answer) -> None:
    answers.write(json.dumps(to_plain(answer)).encode() + b"\n")
    answers.flush()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes, out of reach of libraries that print and of programs that read."""
    jobs, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.close(nothing)
    return jobs, answers


def _limit(memory: int) -> None:
    # Of data, not of addresses: files that are only mapped to be read take no memory.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_time(seconds: int) -> None:
    """The system ends the process (SIGXCPU) when it has used so much more processor time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    used = math.ceil(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, most))


if __name__ == "__main__":
    serve(work)
