"""What readers of movie files find in their headers."""

from __future__ import annotations

from dataclasses import dataclass


class Unreadable(Exception):
    """No movie that can be used; `code` and message are for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, kw_only=True)
class View:
    """`pixel_aspect` is width to height of one pixel, `rotation` clockwise in degrees: what a
    player does to the stored pixels before it shows them."""

    codec: str
    width: int
    height: int
    pixel_aspect: tuple[int, int] = (1, 1)
    rotation: int = 0

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height as they are seen."""
        across, down = self.pixel_aspect
        width = max(1, round(self.width * across / down))
        return (self.height, width) if self.rotation % 180 else (width, self.height)


@dataclass(frozen=True, kw_only=True)
class Sound:
    codec: str
    channels: int
    sampling_rate: int | None


@dataclass(frozen=True, kw_only=True)
class Movie:
    """`stated_s` is the length that the header states (None where it does not), `lasts_s` that of
    the frames there are; `missing_bytes` how many the file ends too early."""

    container: str
    video: View
    sound: Sound | None
    frames: int
    stated_s: float | None
    lasts_s: float
    media_bytes: int
    missing_bytes: int
    fast_start: bool | None
    frame_rate: float | None = None
