"""A process of the workbench whose tools do what the path of the "file" says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from deadwax.application.media import Fraction
from deadwax.domain.assets import TextFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.infrastructure.media.child import serve
from deadwax.infrastructure.media.jobs import Answer, Job


def work(job: Job, progress: Fraction) -> Answer:
    what, path = job.filename, Path(job.path)
    if what == "die":
        os.abort()
    if what == "die once" and not path.with_name("died").exists():
        path.with_name("died").touch()
        os.abort()
    if what == "bad seek":
        raise OSError(22, "Invalid argument")
    if what == "endless":
        progress(0.0)
        while True:
            pass
    if what == "hang":
        progress(0.0)
        time.sleep(1000)
    if what == "bomb":
        np.ones(1 << 40)
    if what == "broken":
        raise IndexError("of a decoder")
    if what == "disk full":
        raise OSError(28, "No space left on device")
    if what == "refuse":
        problem = Problem("code", "field", "message: with a colon", "fix")
        raise Refused("The file was not taken", [problem, problem])
    if what == "program":
        program = subprocess.Popen(["sleep", "1000"])
        path.with_name("pid").write_text(str(program.pid))
        program.wait()
    if what == "slow":
        for step in range(1000):
            progress(step / 1000)
            time.sleep(0.02)
    sys.stdout.write("a library prints\n")
    sys.stdout.flush()
    os.write(1, b"and one writes\n")
    return Answer(facts=TextFacts(codec=f"{os.getpid()} {sys.stdin.read()!r} {sorted(os.environ)}"))


serve(work)
