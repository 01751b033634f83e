"""The peaks of audio over time: as JSON for players, and drawn."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import blocks
from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.drawing.chart import (
    ACCENT,
    ALARM,
    BRIGHT,
    INK,
    Chart,
    Colour,
)
from deadwax.infrastructure.media.drawing.facts import CHANNELS, facts

POINT = 256
"""Frames of the finest point: what audiowaveform takes if not told otherwise."""
_MOST = 8_192
_FULL = 32_767
_WIDTH, _LANE, _MARGINS = 1600, 324, 76
_GAP = 10
_LANES = 8
_LEVELS, _FEW_LEVELS = (0, -3, -6, -12), (0, -6)
_ROOMY = 120


@dataclass(frozen=True)
class Waveform:
    """`low` and `high` of shape (channels, points) in 16 bits, `rms` likewise with full scale at 1;
    a point is of `frames_each` frames, the last one of fewer."""

    low: NDArray[np.int16]
    high: NDArray[np.int16]
    rms: NDArray[np.float32]
    frames_each: int
    frames: int


def read(stream: AudioStream) -> Waveform:
    """At most 8,192 points."""
    lows, highs, squares, frames = [], [], [], 0
    for block in blocks(stream, POINT):
        count = -(-block.frames // POINT)
        planar = np.zeros((len(block.planar), count * POINT), np.float32)
        planar[:, : block.frames] = block.planar[:, : block.frames]
        points = planar.reshape(len(planar), count, POINT)
        across = points.transpose(2, 0, 1).copy()
        lows.append(_whole(across.min(axis=0)))
        highs.append(_whole(across.max(axis=0)))
        squares.append(np.einsum("cij,cij->ci", points, points) / POINT)
        frames = block.start + block.frames
    each = -(-frames // (POINT * _MOST))
    return Waveform(
        low=_joined(lows, each).min(axis=2),
        high=_joined(highs, each).max(axis=2),
        rms=np.sqrt(_joined(squares, each).mean(axis=2)),
        frames_each=POINT * each,
        frames=frames,
    )


def peaks_json(stream: AudioStream) -> bytes:
    """audiowaveform's data format, version 2: for each point the lowest and the highest sample of
    each channel in turn, in 16 bits."""
    waveform = read(stream)
    data = np.stack([waveform.low, waveform.high], axis=2).transpose(1, 0, 2)
    return json.dumps(
        {
            "version": 2,
            "channels": stream.channels,
            "sample_rate": stream.sampling_rate,
            "samples_per_pixel": waveform.frames_each,
            "bits": 16,
            "length": waveform.low.shape[1],
            "data": data.reshape(-1).tolist(),
        },
        separators=(",", ":"),
    ).encode()


def png(stream: AudioStream) -> bytes:
    """A lane for each channel (eight at most): peaks, in them RMS; red is what is at full scale."""
    waveform = read(stream)
    lanes = min(len(waveform.low), _LANES)
    lane = max(80, _LANE // lanes) if lanes > 2 else _LANE // lanes
    seconds = waveform.frames / stream.sampling_rate
    chart = Chart(_WIDTH, lane * lanes + _MARGINS, seconds)
    chart.title("Waveform", facts(stream, seconds))
    chart.legend([("peak", ACCENT), ("RMS", BRIGHT), ("full scale", ALARM)], 110)
    chart.time_axis()
    for number in range(lanes):
        _lane(chart, waveform, number, lane * number, lane)
    return chart.png()


def _lane(chart: Chart, waveform: Waveform, channel: int, upper: int, height: int) -> None:
    middle, half = upper + height / 2, (height - _GAP) / 2
    levels = _LEVELS if height > _ROOMY else _FEW_LEVELS
    ticks = [(level, half * 10 ** (level / 20)) for level in levels]
    chart.level_axis([(middle - at, f"{level}") for level, at in ticks])
    chart.level_axis([(middle + at, f"{level}") for level, at in ticks])
    names = CHANNELS.get(len(waveform.low), ())
    name = names[channel] if names else str(channel + 1)
    chart.level_axis([(middle, name)], right=True, grid=False)
    column = _columns(waveform.low.shape[1], chart.plot_width)
    low = np.minimum.reduceat(waveform.low[channel], column) / _FULL
    high = np.maximum.reduceat(waveform.high[channel], column) / _FULL
    rms = np.maximum.reduceat(waveform.rms[channel], column)
    full = np.maximum(high, -low) >= 1.0 - 1.0 / _FULL
    for x in range(chart.plot_width):
        peak: Colour = ALARM if full[x] else ACCENT
        chart.box(x, middle - half * high[x], x + 1, middle - half * low[x], peak)
        top, bottom = min(rms[x], max(high[x], 0.0)), min(rms[x], max(-low[x], 0.0))
        chart.box(x, middle - half * top, x + 1, middle + half * bottom, BRIGHT)
    chart.line([(0, middle), (chart.plot_width, middle)], INK)


def _columns(points: int, width: int) -> NDArray[np.intp]:
    """The first point of each column."""
    return np.arange(width) * points // width


def _whole(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    return np.clip(np.round(samples * _FULL), -_FULL - 1, _FULL).astype(np.int16)


def _joined(parts: Sequence[NDArray[Any]], each: int) -> NDArray[Any]:
    """Of shape (channels, points, each): the last point is filled up with itself."""
    points = np.concatenate(parts, axis=1)
    missing = -points.shape[1] % each
    filled = np.pad(points, ((0, 0), (0, missing)), mode="edge")
    return filled.reshape(len(points), -1, each)
