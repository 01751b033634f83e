"""What people look at of audio."""

from __future__ import annotations

from collections.abc import Callable

from deadwax.application.media import Picture
from deadwax.infrastructure.media.audio.reading import open_audio
from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.drawing import loudness, spectrogram, waveform

_DRAWN: dict[Picture, Callable[[AudioStream], bytes]] = {
    Picture.WAVEFORM_JSON: waveform.peaks_json,
    Picture.WAVEFORM_PNG: waveform.png,
    Picture.SPECTROGRAM_PNG: spectrogram.png,
    Picture.LOUDNESS_JSON: loudness.levels_json,
    Picture.LOUDNESS_PNG: loudness.png,
}


def picture(path: str, picture: Picture) -> bytes:
    """The file as JSON or PNG, as its name says. Raises Refused for what is no audio."""
    with open_audio(path) as stream:
        return _DRAWN[picture](stream)
