"""Frequencies over time, drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.fft import rfft
from scipy.signal.windows import hann

from deadwax.infrastructure.media.audio.blocks import blocks
from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.drawing.chart import INK, Chart
from deadwax.infrastructure.media.drawing.columns import Columns
from deadwax.infrastructure.media.drawing.facts import facts

_WIDTH, _HEIGHT = 1600, 560
_WINDOW_SECONDS = 0.04
_FLOOR = -120.0
_MOST_COLUMNS = 3_000
_PER_COLUMN = 4
"""Windows; of long files more would fall into one column than change it."""
_STEPS = (1_000, 2_000, 5_000, 10_000, 20_000)
_SCALE_WIDTH = 12

# From nothing to full scale: dark, blue, violet, red, orange, white.
_COLOURS = np.array(
    [
        (10, 11, 16),
        (22, 20, 62),
        (66, 22, 112),
        (128, 32, 116),
        (192, 56, 88),
        (238, 106, 48),
        (252, 178, 62),
        (255, 250, 214),
    ]
)


def png(stream: AudioStream) -> bytes:
    """Of the mean power of all channels, linear in frequency up to half of the sampling rate;
    a sine at full scale is at 0 dB."""
    columns, frames = _read(stream)
    seconds = frames / stream.sampling_rate
    chart = Chart(_WIDTH, _HEIGHT, seconds)
    chart.title("Spectrogram", facts(stream, seconds))
    size = (chart.plot_width, chart.plot_height)
    levels = 10 * np.log10(np.maximum(columns, 1e-20))
    drawn = Image.fromarray(levels.T[::-1]).resize(size, Image.Resampling.BOX)
    chart.pixels(_coloured(np.asarray(drawn)))
    chart.time_axis(grid=False)
    nyquist = stream.sampling_rate / 2
    step = next((step for step in _STEPS if nyquist / step <= 12), _STEPS[-1])
    heights = [(hz, chart.plot_height * (1 - hz / nyquist)) for hz in range(0, int(nyquist), step)]
    chart.level_axis([(y, f"{hz // 1000} kHz") for hz, y in heights], grid=False)
    for _, y in heights[1:]:
        chart.line([(-5, y), (0, y)], INK)
    _scale(chart)
    return chart.png()


def _read(stream: AudioStream) -> tuple[NDArray[np.float32], int]:
    size = 2 ** round(np.log2(stream.sampling_rate * _WINDOW_SECONDS))
    window = hann(size, sym=False).astype(np.float32)
    window *= 2 / window.sum()
    columns = Columns(_MOST_COLUMNS, size // 2 + 1)
    number, frames = 0, 0
    for block in blocks(stream, size):
        frames = block.start + block.frames
        whole = np.zeros((len(block.planar), -(-block.frames // size) * size), np.float32)
        whole[:, : block.frames] = block.planar[:, : block.frames]
        for begin in range(0, whole.shape[1], size // 2):
            part = whole[:, begin : begin + size]
            if part.shape[1] < size:
                break
            number += 1
            if number % max(1, columns.each // _PER_COLUMN):
                columns.skip()
                continue
            spectrum = np.abs(rfft(part * window)) ** 2
            columns.add(spectrum.mean(axis=0))
    return columns.result(), frames


def _coloured(levels: NDArray[np.float32]) -> NDArray[np.uint8]:
    share = np.clip(1 - levels / _FLOOR, 0.0, 1.0)
    places = np.linspace(0.0, 1.0, len(_COLOURS))
    colours = [np.interp(share, places, _COLOURS[:, part]) for part in range(3)]
    return np.stack(colours, axis=-1).astype(np.uint8)


def _scale(chart: Chart) -> None:
    """The colours from 0 dB down, right of the plot."""
    levels = np.linspace(0.0, _FLOOR, chart.plot_height, dtype=np.float32)
    chart.pixels(_coloured(levels[:, None].repeat(_SCALE_WIDTH, axis=1)), chart.plot_width + 8)
    for level in range(0, int(_FLOOR) - 1, -20):
        y = chart.plot_height * level / _FLOOR
        chart.note(chart.plot_width + 26, y, f"{level}", INK)
