"""A file read to its end: everything that is measured of it, and everything wrong with it."""

from __future__ import annotations

from dataclasses import replace

from deadwax.application.media import Fraction
from deadwax.domain.assets import AudioFacts, Facts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.media.measured import Analysis
from deadwax.infrastructure.media import artwork, movie, texts
from deadwax.infrastructure.media.audio import adm
from deadwax.infrastructure.media.audio.fingerprint import fingerprint
from deadwax.infrastructure.media.audio.measure import measure
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.names import differs

ANALYSER = "1"
"""Raised when the same file would be measured differently."""


def analyse(path: str, filename: str, facts: Facts, progress: Fraction) -> Analysis:
    """`facts` are those recognised. Raises Refused where the content cannot be read at all."""
    found = _content(path, facts, progress)
    named = differs(filename, facts)
    return replace(found, faults=(named, *found.faults)) if named else found


def _content(path: str, facts: Facts, progress: Fraction) -> Analysis:
    match facts:
        case AudioFacts():
            return _audio(path, progress)
        case ImageFacts():
            image, faults = artwork.measure(path)
            return Analysis(analyser=ANALYSER, image=image, faults=faults)
        case VideoFacts():
            video, faults = movie.measure(path)
            return Analysis(analyser=ANALYSER, video=video, faults=faults)
        case TextFacts():
            text, faults = texts.measure(path, facts)
            return Analysis(analyser=ANALYSER, text=text, faults=faults)


def _audio(path: str, progress: Fraction) -> Analysis:
    with open_audio(path, thorough=True) as stream:
        header = stream.header
        measured = measure(stream, progress)
        model = adm.read(stream.file, header)
        audio = replace(
            measured,
            bitrate_bps=header.bit_rate
            or round(header.audio.length * 8 * header.sampling_rate / measured.frames),
            fingerprint=fingerprint(path, header),
            extensible=header.extensible,
            bytes_after=header.bytes_after,
            beds=model.beds,
            objects=model.objects,
        )
    return Analysis(analyser=ANALYSER, audio=audio, faults=(*stream.faults, *model.faults))
