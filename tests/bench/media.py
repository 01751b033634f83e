"""Measuring a recording as an upload is measured, against ffmpeg, against only reading and hashing
it, by two processes against one, and in which memory."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import soundfile
from tests.bench.comparison import Result, Unavailable, bench, compare
from tests.media.signals import music

from deadwax.infrastructure.media.workbench import Workbench
from deadwax.infrastructure.storage.spooling import digests_of

_RATE, _SECONDS = 96_000, 240
_PART_SECONDS = 20
_FILES = 4
_BLOCK = 1 << 20


@bench("media-analysis-vs-ffmpeg")
def vs_ffmpeg() -> Result:
    """All that an upload is measured for, its digests and its fingerprint too, against the ffmpeg
    that is installed with us: loudness and true peak, statistics, silence and the PCM hash."""
    return _vs_ffmpeg("media-analysis-vs-ffmpeg", imageio_ffmpeg.get_ffmpeg_exe())


@bench("media-analysis-vs-ffmpeg-5")
def vs_ffmpeg_5() -> Result:
    """The same against Debian 12's."""
    path = shutil.which("ffmpeg")
    if not path or not _version(path).startswith("5."):
        raise Unavailable("there is no ffmpeg 5 (make bench-tools installs it on Debian 12)")
    return _vs_ffmpeg("media-analysis-vs-ffmpeg-5", path)


@bench("media-analysis-vs-floor")
def vs_floor() -> Result:
    """The same against reading the file and its SHA-256."""
    with _recording() as path, Workbench(1) as tools:
        return compare(
            "media-analysis-vs-floor",
            ours=lambda: _analysing(tools, path),
            peer=lambda: _reading(path),
            peer_name="read and SHA-256",
            unit="s",
            less_is_better=True,
        )


@bench("media-workers")
def workers() -> Result:
    """Two processes against one, in recordings measured a second."""
    with _recording() as path, Workbench(2) as two, Workbench(1) as one:
        return compare(
            "media-workers",
            ours=lambda: _FILES / _at_once(two, path, 2),
            peer=lambda: _FILES / _at_once(one, path, 1),
            peer_name="one process",
            unit="files/s",
        )


@bench("media-memory")
def memory() -> Result:
    """The most memory that measuring two hours takes, against two minutes."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        long, short = Path(folder) / "long.wav", Path(folder) / "short.wav"
        part = music(44_100, 60.0)
        for path, minutes in ((long, 120), (short, 2)):
            with soundfile.SoundFile(path, "w", 44_100, 2, "PCM_16") as file:
                for _ in range(minutes):
                    file.write(part)
        return compare(
            "media-memory",
            ours=lambda: _peak_mb(long),
            peer=lambda: _peak_mb(short),
            peer_name="of two minutes",
            unit="MB",
            rounds=1,
            less_is_better=True,
        )


def _vs_ffmpeg(name: str, ffmpeg: str) -> Result:
    with _recording() as path, Workbench(1) as tools:
        return compare(
            name,
            ours=lambda: _analysing(tools, path),
            peer=lambda: _by_ffmpeg(ffmpeg, path),
            peer_name=f"ffmpeg {_version(ffmpeg)}",
            unit="s",
            less_is_better=True,
        )


@contextmanager
def _recording() -> Iterator[Path]:
    """Four minutes of dense music in 24 bits at 96 kHz, its parts at different levels."""
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        path = Path(folder) / "recording.wav"
        part = music(_RATE, _PART_SECONDS, -10.0)
        levels = np.random.default_rng(1).uniform(0.3, 0.95, _SECONDS // _PART_SECONDS)
        with soundfile.SoundFile(path, "w", _RATE, 2, "PCM_24") as file:
            for level in levels:
                file.write(level * np.tanh(part))
        yield path


def _analysing(tools: Workbench, path: Path) -> float:
    begun = time.perf_counter()
    digests_of(path)
    facts = tools.recognise(str(path), path.name)
    analysis = tools.analyse(str(path), path.name, facts, lambda done: None)
    took = time.perf_counter() - begun
    assert analysis.audio
    assert analysis.audio.fingerprint
    return took


def _at_once(tools: Workbench, path: Path, processes: int) -> float:
    facts = tools.recognise(str(path), path.name)

    def analyse(_: int) -> None:
        tools.analyse(str(path), path.name, facts, lambda done: None)

    with ThreadPoolExecutor(processes) as threads:
        list(threads.map(analyse, range(processes)))  # both have their imports done
        begun = time.perf_counter()
        list(threads.map(analyse, range(_FILES)))
        return time.perf_counter() - begun


def _by_ffmpeg(ffmpeg: str, path: Path) -> float:
    measuring = "[0:a]ebur128=peak=true,astats,silencedetect=noise=-60dB:d=0.1[out]"
    command = [ffmpeg, "-nostdin", "-v", "error", "-i", str(path), "-filter_complex", measuring]
    command += ["-map", "[out]", "-f", "null", "-"]
    command += ["-map", "0:a", "-c:a", "pcm_s24le", "-f", "hash", "-hash", "sha256", "-"]
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def _reading(path: Path) -> float:
    begun = time.perf_counter()
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return time.perf_counter() - begun


def _peak_mb(path: Path) -> float:
    program = (
        "import resource, sys\n"
        "from deadwax.infrastructure.media.analyse import analyse\n"
        "from deadwax.infrastructure.media.recognise import recognise\n"
        "path = sys.argv[1]\n"
        "analyse(path, path, recognise(path, path), lambda done: None)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    command = [sys.executable, "-c", program, str(path)]
    one_thread = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
    ran = subprocess.run(command, check=True, capture_output=True, text=True, env=one_thread)
    return int(ran.stdout) / 1024


def _version(ffmpeg: str) -> str:
    told = subprocess.run([ffmpeg, "-version"], check=True, capture_output=True, text=True).stdout
    found = re.match(r"ffmpeg version n?(\d[\w.]*)", told)
    return found[1] if found else "?"
