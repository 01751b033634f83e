"""A chart over time: canvas, axes and lines, drawn with Pillow."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

PAPER: Colour = (17, 19, 24)
PLOT: Colour = (24, 27, 34)
GRID: Colour = (43, 48, 58)
INK: Colour = (146, 154, 168)
STRONG: Colour = (226, 230, 238)
ACCENT: Colour = (58, 134, 158)
BRIGHT: Colour = (120, 214, 222)
WARM: Colour = (245, 177, 76)
ALARM: Colour = (255, 84, 84)

_SCALE = 2
"""Drawn that much larger and made smaller at the end: Pillow's lines have hard edges."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 64, 40, 36
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200)
_LABEL_PIXELS = 90


class Chart:
    """`width` and `height` are those of the whole picture in pixels; the plot inside it is
    `plot_width` by `plot_height`. Positions count from the plot's upper left corner."""

    def __init__(self, width: int, height: int, seconds: float) -> None:
        self.plot_width = width - _LEFT - _RIGHT
        self.plot_height = height - _TOP - _BOTTOM
        self._seconds = seconds
        self._image = Image.new("RGB", (width * _SCALE, height * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._image)
        self.box(0, 0, self.plot_width, self.plot_height, PLOT)

    def x(self, second: float) -> float:
        return second / self._seconds * self.plot_width

    def title(self, title: str, facts: str) -> None:
        self._text(0, -22, title, STRONG, "lm", 15)
        self._text(self.plot_width, -22, facts, INK, "rm", 13)

    def legend(self, entries: Iterable[tuple[str, Colour]], left: float) -> None:
        """Names in their colours, from `left` on, in the line of the title."""
        for name, colour in entries:
            self.box(left, -24, left + 18, -21, colour)
            self._text(left + 26, -22, name, INK, "lm", 13)
            left += 50 + _font(13).getlength(name) / _SCALE

    def time_axis(self, *, grid: bool = True) -> None:
        most = max(2.0, self.plot_width / _LABEL_PIXELS)
        step = next((step for step in _STEPS if self._seconds / step <= most), _STEPS[-1])
        for tick in range(int(self._seconds / step) + 1):
            x = self.x(tick * step)
            if grid and 0 < x < self.plot_width:
                self.line([(x, 0), (x, self.plot_height)], GRID)
            self.line([(x, self.plot_height), (x, self.plot_height + 5)], INK)
            self._text(x, self.plot_height + 17, clock(tick * step), INK, "mm", 12)

    def level_axis(
        self, ticks: Iterable[tuple[float, str]], *, right: bool = False, grid: bool = True
    ) -> None:
        """Labels beside the plot at their heights, and lines through it."""
        for y, label in ticks:
            if grid:
                self.line([(0, y), (self.plot_width, y)], GRID)
            x, anchor = (self.plot_width + 8, "lm") if right else (-8, "rm")
            self._text(x, y, label, INK, anchor, 12)

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        (x0, y0), (x1, y1) = self._at(left, top), self._at(right, bottom)
        self._draw.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), colour)

    def line(
        self, points: Sequence[tuple[float, float]], colour: Colour, width: float = 0.5
    ) -> None:
        wide = round(width * _SCALE)
        self._draw.line([self._at(*point) for point in points], colour, wide, joint="curve")

    def note(self, x: float, y: float, text: str, colour: Colour, anchor: str = "lm") -> None:
        self._text(x, y, text, colour, anchor, 13)

    def pixels(self, rgb: NDArray[np.uint8], left: int = 0, top: int = 0) -> None:
        """Of shape (height, width, 3): one for each pixel of the picture."""
        drawn = rgb.repeat(_SCALE, axis=0).repeat(_SCALE, axis=1)
        x, y = self._at(left, top)
        self._image.paste(Image.fromarray(drawn), (round(x), round(y)))

    def png(self) -> bytes:
        file = io.BytesIO()
        self._image.reduce(_SCALE).save(file, "PNG")
        return file.getvalue()

    def _text(self, x: float, y: float, text: str, colour: Colour, anchor: str, size: int) -> None:
        self._draw.text(self._at(x, y), text, colour, _font(size), anchor)

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return ((x + _LEFT) * _SCALE, (y + _TOP) * _SCALE)


def clock(seconds: float) -> str:
    """Minutes and seconds, hours where there are any."""
    whole, tenths = divmod(round(seconds * 10), 10)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
    return f"{text}.{tenths}" if tenths else text


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)
