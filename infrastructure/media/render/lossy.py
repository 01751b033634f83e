"""MP3, AAC and Opus by the ffmpeg command line, which reads our samples from a pipe."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import IO

from deadwax.domain.media.recipes import AudioFormat
from deadwax.infrastructure.media import ffmpeg
from deadwax.infrastructure.media.render import tags
from deadwax.infrastructure.media.render.plan import Plan

_CODECS: dict[AudioFormat, tuple[str, ...]] = {
    AudioFormat.MP3: ("-c:a", "libmp3lame", "-f", "mp3"),
    AudioFormat.AAC: ("-c:a", "aac", "-f", "ipod"),
    AudioFormat.OPUS: ("-c:a", "libopus", "-vbr", "on", "-f", "opus"),
}
# Without names and times of the program: the same samples give the same bytes.
_BARE = ("-fflags", "+bitexact", "-flags:a", "+bitexact")


@contextmanager
def encoding(out: str, plan: Plan, labels: tags.Inputs) -> Iterator[IO[bytes]]:
    """A pipe for interleaved little-endian float32, full scale at 1."""
    recipe = plan.recipe
    options = [
        *("-f", "f32le", "-ar", str(plan.sampling_rate), "-ac", str(plan.channels)),
        *("-protocol_whitelist", "pipe", "-i", "pipe:0"),
        *labels.options(),
        *_BARE,
        *("-b:a", str(recipe.bitrate)),
        *_CODECS[recipe.format],
        *labels.form(recipe.format),
        f"file:{out}",
    ]
    with ffmpeg.encoding(options) as pipe:
        yield pipe


@cache
def encoder(binary: str) -> str:
    """Such as `ffmpeg 5.1.9`."""
    return " ".join(ffmpeg.run(["-version"]).decode().split()[0:3:2])
