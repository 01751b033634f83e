"""What stands above every picture of audio, and how its channels are called."""

from __future__ import annotations

from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.drawing.chart import clock

CHANNELS: dict[int, tuple[str, ...]] = {
    1: ("M",),
    2: ("L", "R"),
    3: ("L", "R", "C"),
    4: ("L", "R", "Ls", "Rs"),
    5: ("L", "R", "C", "Ls", "Rs"),
    6: ("L", "R", "C", "LFE", "Ls", "Rs"),
    7: ("L", "R", "C", "LFE", "Cs", "Ls", "Rs"),
    8: ("L", "R", "C", "LFE", "Lb", "Rb", "Ls", "Rs"),
}


def facts(stream: AudioStream, seconds: float) -> str:
    """For example `96 kHz · 24 bit · 2 channels · 4:00`."""
    count = "mono" if stream.channels == 1 else f"{stream.channels} channels"
    depth = [f"{stream.bits} bit"] if stream.bits else []
    return " · ".join([f"{stream.sampling_rate / 1000:g} kHz", *depth, count, clock(seconds)])
