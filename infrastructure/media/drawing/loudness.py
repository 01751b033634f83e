"""Loudness over time: as JSON, and drawn."""

from __future__ import annotations

import json

import numpy as np
from numpy.typing import NDArray

from deadwax.infrastructure.media.audio.blocks import blocks, hop_frames
from deadwax.infrastructure.media.audio.loudness import (
    ABSOLUTE_GATE,
    MOMENTARY,
    SHORT_TERM,
    TENTH,
    Loudness,
    LoudnessMeter,
    lufs,
    windowed,
)
from deadwax.infrastructure.media.audio.stream import AudioStream
from deadwax.infrastructure.media.drawing.chart import (
    ACCENT,
    BRIGHT,
    STRONG,
    WARM,
    Chart,
    Colour,
)
from deadwax.infrastructure.media.drawing.facts import facts

_WIDTH, _HEIGHT = 1600, 400
_STEP_SECONDS = 0.1
_LOWEST, _HIGHEST, _STEP = -60, 0, 6


def levels_json(stream: AudioStream) -> bytes:
    """Every 0.1 s the momentary (400 ms) and the short-term (3 s) loudness of the window that ends
    there; null below -70 LUFS, and as long as the first window is not over."""
    tenths, loudness, _ = _read(stream)
    momentary, short_term = _over_time(tenths)
    return json.dumps(
        {
            "step_s": _STEP_SECONDS,
            "momentary_lufs": _plain(momentary),
            "short_term_lufs": _plain(short_term),
            "integrated_lufs": loudness.integrated,
            "loudness_range_lu": loudness.range,
            "momentary_max_lufs": loudness.momentary_max,
            "short_term_max_lufs": loudness.short_term_max,
        },
        separators=(",", ":"),
    ).encode()


def png(stream: AudioStream) -> bytes:
    tenths, loudness, frames = _read(stream)
    seconds = frames / stream.sampling_rate
    chart = Chart(_WIDTH, _HEIGHT, seconds)
    chart.title("Loudness", facts(stream, seconds))
    chart.legend([("momentary", ACCENT), ("short-term", BRIGHT), ("integrated", WARM)], 110)
    chart.level_axis(
        (_y(chart, level), f"{level}") for level in range(_LOWEST, _HIGHEST + 1, _STEP)
    )
    chart.time_axis()
    momentary, short_term = _over_time(tenths)
    _curve(chart, momentary, ACCENT, 1.5)
    _curve(chart, short_term, BRIGHT, 2.0)
    _summary(chart, loudness)
    return chart.png()


def _read(stream: AudioStream) -> tuple[NDArray[np.float64], Loudness, int]:
    meter, frames = LoudnessMeter(stream.sampling_rate, stream.channels), 0
    for block in blocks(stream, hop_frames(stream.sampling_rate)):
        meter.add(block.planar)
        frames = block.start + block.frames
    return meter.tenths(), meter.result(), frames


def _over_time(tenths: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Momentary and short-term levels at the end of each tenth of a second; NaN for none."""
    found = []
    for hops in (MOMENTARY, SHORT_TERM):
        window = hops // TENTH
        levels = np.full(len(tenths), np.nan)
        levels[window - 1 :] = lufs(windowed(tenths, window))
        levels[levels < ABSOLUTE_GATE] = np.nan
        found.append(levels)
    return found[0], found[1]


def _plain(levels: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(level) else round(float(level), 2) for level in levels]


def _y(chart: Chart, level: float) -> float:
    return (_HIGHEST - level) / (_HIGHEST - _LOWEST) * chart.plot_height


def _curve(chart: Chart, levels: NDArray[np.float64], colour: Colour, width: float) -> None:
    """Broken where there is no level; of long files the loudest of each column."""
    each = max(1, len(levels) // (2 * chart.plot_width))
    points: list[tuple[float, float]] = []
    for begin in range(0, len(levels), each):
        part = levels[begin : begin + each]
        level = np.nan if np.isnan(part).all() else np.nanmax(part)
        if np.isnan(level):
            _draw(chart, points, colour, width)
            points = []
        else:
            x = chart.x((begin + len(part)) * _STEP_SECONDS)
            points.append((x, min(_y(chart, level), float(chart.plot_height))))
    _draw(chart, points, colour, width)


def _draw(
    chart: Chart,
    points: list[tuple[float, float]],
    colour: Colour,
    width: float,
) -> None:
    if len(points) > 1:
        chart.line(points, colour, width)


def _summary(chart: Chart, loudness: Loudness) -> None:
    if loudness.integrated is None:
        return
    y = _y(chart, loudness.integrated)
    for x in range(0, chart.plot_width, 12):
        chart.line([(x, y), (x + 6, y)], WARM, 1.5)
    texts = [f"{loudness.integrated:.1f} LUFS"]
    if loudness.range is not None:
        texts.append(f"LRA {loudness.range:.1f} LU")
    if loudness.short_term_max is not None:
        texts.append(f"S max {loudness.short_term_max:.1f}")
    if loudness.momentary_max is not None:
        texts.append(f"M max {loudness.momentary_max:.1f}")
    chart.note(10, chart.plot_height - 14, "  ·  ".join(texts), STRONG)
