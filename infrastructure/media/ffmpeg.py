"""The one place that finds ffmpeg and runs it.

A file says to ffmpeg what it is, and some say "open that other file": a script named `.wav` made
it read any file of this machine. So every input is forced to one demuxer, with allow-lists of
formats and protocols, and a file never names its own.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from threading import Timer
from typing import IO

import imageio_ffmpeg

from deadwax.domain.errors import Problem, Refused

SECONDS = 3600.0
"""No run takes longer: a day of audio decodes in a few minutes."""
_MOST_SAID = 1 << 16
_configured: list[str] = []


def use(path: str | None) -> None:
    """Run this ffmpeg in this process from now on; None: that of the wheel."""
    _configured[:] = [] if path is None else [path]


def binary() -> str:
    return _configured[0] if _configured else _of_the_wheel()


@cache
def _of_the_wheel() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def source(path: str, demuxer: str) -> list[str]:
    """The options that open a local file as this format and nothing else."""
    names = ["-f", demuxer, "-format_whitelist", demuxer, "-protocol_whitelist", "file"]
    return [*names, "-i", f"file:{path}"]


def run(options: Sequence[str], seconds: float = SECONDS, stdin: bytes | None = None) -> bytes:
    """What it writes to stdout. Refused (`ffmpeg_failed`) with its first words where it fails or
    takes longer."""
    try:
        done = subprocess.run(
            _command(options),
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise failed(f"ffmpeg took longer than {seconds:g} s.") from None
    if done.returncode != 0:
        raise failed(_words(done.stderr))
    return done.stdout


class Decoding:
    """A run whose output is read while it writes."""

    def __init__(self, process: subprocess.Popen[bytes], said: IO[bytes]) -> None:
        assert process.stdout is not None
        self.output: IO[bytes] = process.stdout
        self._process = process
        self._said = said.fileno()

    def errors(self) -> int:
        """How many lines of complaint it has written so far, up to the first 64 KiB."""
        return len(self._read().splitlines())

    def complaints(self) -> str:
        return _words(self._read())

    def ended_well(self) -> bool:
        """Whether it came to its end by itself; waits for that."""
        return self._process.wait() == 0

    def _read(self) -> bytes:
        return os.pread(self._said, _MOST_SAID, 0)


@contextmanager
def decoding(options: Sequence[str], seconds: float = SECONDS) -> Iterator[Decoding]:
    """Run with its output as a pipe; ended with the context, or after so many seconds."""
    with _running(options, seconds, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as run:
        yield Decoding(*run)


@contextmanager
def encoding(options: Sequence[str], seconds: float = SECONDS) -> Iterator[IO[bytes]]:
    """Run with what it reads (`pipe:0`) as a pipe to write to, at its end by the end of the
    context. Refused (`ffmpeg_failed`) where it fails or takes longer."""
    with _running(options, seconds, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as run:
        process, said = run
        assert process.stdin is not None
        with suppress(BrokenPipeError), process.stdin as pipe:
            yield pipe
        if process.wait() != 0:
            raise failed(_words(os.pread(said.fileno(), _MOST_SAID, 0)))


@contextmanager
def _running(
    options: Sequence[str], seconds: float, *, stdin: int, stdout: int
) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
    """The process, and the file of what it says; it is gone after the context."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(_command(options), stdin=stdin, stdout=stdout, stderr=said)
        timer = Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield process, said
        finally:
            timer.cancel()
            process.kill()
            if process.stdout:
                process.stdout.close()
            process.wait()


def _command(options: Sequence[str]) -> list[str]:
    return [binary(), "-nostdin", "-hide_banner", "-v", "error", *options]


def _words(said: bytes) -> str:
    """The first line of what it says, without the address of the part that says it."""
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[0].partition("] ")[2] or lines[0] if lines else "ffmpeg ended early."


def failed(message: str) -> Refused:
    problem = Problem("ffmpeg_failed", "file", message, "Export the file again.")
    return Refused("The file could not be decoded", [problem])
