"""A file read to its end: everything that is measured of it, and everything wrong with it."""

from __future__ import annotations

from dataclasses import replace

from deadwax.application.media import Fraction
from deadwax.domain.assets import AudioFacts, Facts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.media.measured import Analysis
from deadwax.infrastructure.media import artwork, movie, texts
from deadwax.infrastructure.media.audio.measure import measure
from deadwax.infrastructure.media.audio.reading import open_audio

ANALYSER = "1"
"""Raised when the same file would be measured differently."""


def analyse(path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
    """`facts` are those recognised. Raises Refused where the content cannot be read at all."""
    match facts:
        case AudioFacts():
            return _audio(path, progress)
        case ImageFacts():
            image, faults = artwork.measure(path)
            return Analysis(analyser=ANALYSER, faults=faults, image=image)
        case VideoFacts():
            video, faults = movie.measure(path)
            return Analysis(analyser=ANALYSER, faults=faults, video=video)
        case TextFacts():
            text, faults = texts.measure(path, facts)
            return Analysis(analyser=ANALYSER, faults=faults, text=text)


def _audio(path: str, progress: Fraction) -> Analysis:
    with open_audio(path) as stream:
        header = stream.header
        measured = measure(stream, progress)
        faults = (*header.faults, *stream.faults)
    seconds = measured.frames / header.sampling_rate
    return Analysis(
        analyser=ANALYSER,
        faults=faults,
        audio=replace(
            measured,
            bitrate_bps=round(header.audio.length * 8 / seconds),
            extensible=header.extensible,
            bytes_after=header.bytes_after,
        ),
    )
