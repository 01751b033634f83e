"""Renditions: FLAC against Debian's ffmpeg, and a whole album from upload to FLAC."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from contextvars import copy_context
from functools import partial
from pathlib import Path
from uuid import uuid4

import numpy as np
import soundfile
from tests.bench.comparison import Measure, Result, Unavailable, bench, compare
from tests.media.signals import music

from deadwax.domain.cause import Cause, acting
from deadwax.domain.identifiers import Sha256
from deadwax.domain.media.recipes import AUDIO_RECIPES
from deadwax.infrastructure.container import Container
from deadwax.infrastructure.embedded import EmbeddedServers
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.render import lossless
from deadwax.infrastructure.media.render.audio import render
from deadwax.infrastructure.media.render.plan import planned
from deadwax.infrastructure.migrate import migrate
from deadwax.infrastructure.settings import Settings

_FLAC = AUDIO_RECIPES["flac"]
_SECONDS, _PART_SECONDS = 240, 20
_TRACKS = 12
_PROMISED_SECONDS = 15.0
"""A track: what users of such systems are told."""
_BLOCK = 1 << 20


@bench("media-flac-vs-ffmpeg")
def encoding() -> Result:
    """Four minutes of 24 bits at 96 kHz, WAV to FLAC; ours hashes the samples meanwhile."""
    return _compared("media-flac-vs-ffmpeg", 96_000, 24, _encoding)


@bench("media-flac-vs-ffmpeg-16-44")
def encoding_16_44() -> Result:
    return _compared("media-flac-vs-ffmpeg-16-44", 44_100, 16, _encoding)


@bench("media-flac-proven-vs-ffmpeg")
def proven() -> Result:
    """The same as a rendition: read again, and proven to have every sample of the source."""
    return _compared("media-flac-proven-vs-ffmpeg", 96_000, 24, _rendering)


@bench("media-flac-size-vs-ffmpeg")
def size() -> Result:
    return _compared("media-flac-size-vs-ffmpeg", 96_000, 24, _encoding, _mb)


@bench("media-flac-size-vs-ffmpeg-16-44")
def size_16_44() -> Result:
    return _compared("media-flac-size-vs-ffmpeg-16-44", 44_100, 16, _encoding, _mb)


@bench("media-album")
def album() -> Result:
    """Twelve tracks of four minutes, 16 bits at 44.1 kHz: taken in, measured, rendered to FLAC and
    proven, by as many processes as there are cores; seconds a track."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="dw")))
        url = opened.enter_context(EmbeddedServers(folder / "servers")).database_url
        migrate(url)
        home = {"DEADWAX_HOME": str(folder / "home"), "DEADWAX_DATABASE_URL": url}
        container = Container.open(Settings.from_env(home), "bench")
        opened.callback(container.close)
        tracks = [_track(folder / f"{n}.wav", 44_100, 16, n) for n in range(_TRACKS)]
        return compare(
            "media-album",
            ours=lambda: _taken_in(container, tracks) / _TRACKS,
            peer=lambda: _PROMISED_SECONDS,
            peer_name="promised",
            unit="s/track",
            rounds=3,
            less_is_better=True,
        )


def _taken_in(container: Container, tracks: list[Path]) -> float:
    """By a tenant that has nothing yet."""

    def whole(path: Path) -> None:
        facts, _ = container.assets.ingest(_blocks(path), path.name, None)
        container.renditions.make(Sha256(facts.sha256), _FLAC)

    with (
        acting(Cause(uuid4(), "process:bench", "bench")),
        ThreadPoolExecutor(container.settings.media_processes) as threads,
    ):
        begun = time.perf_counter()
        for done in [threads.submit(copy_context().run, whole, path) for path in tracks]:
            done.result()
        return time.perf_counter() - begun


def _seconds(make: Callable[[], object], out: Path) -> float:
    begun = time.perf_counter()
    make()
    return time.perf_counter() - begun


def _mb(make: Callable[[], object], out: Path) -> float:
    make()
    return out.stat().st_size / 1e6


def _compared(
    name: str,
    rate: int,
    bits: int,
    ours: Callable[[Path, Path], object],
    figure: Callable[[Callable[[], object], Path], float] = _seconds,
) -> Result:
    ffmpeg = _ffmpeg()
    with _recording(rate, bits) as source:
        out = source.with_name("out.flac")

        def side(make: Callable[[Path, Path], object]) -> Measure:
            def measure() -> float:
                out.unlink(missing_ok=True)
                return figure(partial(make, source, out), out)

            return measure

        return compare(
            name,
            ours=side(ours),
            peer=side(partial(_by_ffmpeg, ffmpeg)),
            peer_name="ffmpeg 5",
            unit="s" if figure is _seconds else "MB",
            less_is_better=True,
        )


def _encoding(source: Path, out: Path) -> None:
    with open_audio(str(source)) as audio:
        plan = planned(audio.header, _FLAC)
        with lossless.writing(str(out), plan) as writer:
            for block in lossless.whole(audio, lambda done: None):
                writer.write(block)
            assert writer.written()


def _rendering(source: Path, out: Path) -> None:
    assert render(str(source), _FLAC, str(out)).same_samples


def _by_ffmpeg(ffmpeg: str, source: Path, out: Path) -> None:
    command = [ffmpeg, "-nostdin", "-v", "error", "-y", "-i", str(source), "-c:a", "flac"]
    subprocess.run([*command, str(out)], check=True)


def _ffmpeg() -> str:
    path = shutil.which("ffmpeg")
    if path is None:
        raise Unavailable("there is no ffmpeg (make bench-tools installs it)")
    told = subprocess.run([path, "-version"], check=True, capture_output=True, text=True).stdout
    if not told.startswith("ffmpeg version 5."):
        raise Unavailable("this ffmpeg is not version 5, as in Debian 12")
    return path


@contextmanager
def _recording(rate: int, bits: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="dw") as folder:
        yield _track(Path(folder) / "recording.wav", rate, bits, 1)


def _track(path: Path, rate: int, bits: int, seed: int) -> Path:
    """Dense music, its parts at different levels."""
    part = np.tanh(music(rate, _PART_SECONDS, -10.0))
    levels = np.random.default_rng(seed).uniform(0.3, 0.95, _SECONDS // _PART_SECONDS)
    with soundfile.SoundFile(path, "w", rate, 2, f"PCM_{bits}") as file:
        for level in levels:
            file.write(level * part)
    return path


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
