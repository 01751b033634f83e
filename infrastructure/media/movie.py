"""Videos, by their headers: MP4, QuickTime and WebM. No frame is decoded."""

from __future__ import annotations

from math import isfinite

from deadwax.domain.assets import VideoFacts
from deadwax.domain.errors import Problem, Refused
from deadwax.domain.media.measured import Fault, VideoMeasured
from deadwax.infrastructure.media import iso_movie, webm
from deadwax.infrastructure.media.movie_parts import Movie, Unreadable

_LONGEST_S = 31_536_000
_TOLERANCE_S, _TOLERANCE = 0.5, 0.02  # encoders round, and count the last frame or not


def is_movie(head: bytes) -> bool:
    """Whether the first 12 bytes are those of an MP4, QuickTime or WebM file."""
    return head[4:8] == b"ftyp" or head.startswith(webm.MAGIC)


def recognise_movie(head: bytes, path: str) -> VideoFacts | None:
    """What the headers say; None for what is no movie by its first bytes. Raises Refused for a
    file without a header, or with no video of a known codec."""
    if not is_movie(head):
        return None
    movie = _read(path)
    video, sound = movie.video, movie.sound
    return VideoFacts(
        container=movie.container,
        codec=video.codec,
        width=video.width,
        height=video.height,
        duration_ms=round(_stated(movie) * 1000),
        frame_rate=_rate(movie),
        audio_codec=sound.codec if sound else None,
        audio_channels=sound.channels if sound else None,
        audio_sampling_rate=sound.sampling_rate if sound else None,
    )


def measure(path: str) -> tuple[VideoMeasured, tuple[Fault, ...]]:
    """Raises Refused as recognise_movie does."""
    movie = _read(path)
    shown_width, shown_height = movie.video.shown
    measured = VideoMeasured(
        bitrate_bps=round(movie.media_bytes * 8 / movie.lasts_s) if movie.lasts_s else 0,
        rotation=movie.video.rotation,
        fast_start=movie.fast_start,
        shown_width=shown_width,
        shown_height=shown_height,
    )
    return measured, tuple(_faults(movie))


def _faults(movie: Movie) -> list[Fault]:
    if movie.missing_bytes:
        return [
            Fault(
                code="truncated",
                message=f"At least {movie.missing_bytes} bytes are missing at its end.",
                value=movie.missing_bytes,
                limit=0,
            )
        ]
    stated, lasts = _stated(movie), movie.lasts_s
    if abs(stated - lasts) > max(_TOLERANCE_S, _TOLERANCE * stated):
        return [
            Fault(
                code="video_lengths_differ",
                message=f"The frames last {lasts:.1f} s, the header says {stated:.1f} s.",
                value=round(lasts, 3),
                limit=round(stated, 3),
            )
        ]
    return []


def _read(path: str) -> Movie:
    with open(path, "rb") as file:
        head = file.read(12)
        file.seek(0)
        try:
            movie = webm.read(file) if head.startswith(webm.MAGIC) else iso_movie.read(file)
        except Unreadable as unreadable:
            raise _refused(unreadable.code, unreadable.message) from None
    if not 0 < _stated(movie) <= _LONGEST_S:
        raise _refused("video_format", "The header states a length that no video has.")
    if not movie.video.width or not movie.video.height:
        raise _refused("video_format", "The video has no size.")
    return movie


def _stated(movie: Movie) -> float:
    return movie.lasts_s if movie.stated_s is None else movie.stated_s


def _rate(movie: Movie) -> str | None:
    """Frames per second with up to three decimals."""
    rate = movie.frame_rate or (movie.frames / movie.lasts_s if movie.lasts_s else 0.0)
    return f"{rate:.3f}".rstrip("0").rstrip(".") if rate > 0 and isfinite(rate) else None


def _refused(code: str, message: str) -> Refused:
    fix = "Upload an MP4, QuickTime or WebM file; AVC in MP4 is what every platform takes."
    return Refused("The file was not taken", [Problem(code, "file", message, fix)])
