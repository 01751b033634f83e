"""Covers, videos, lyrics and booklets: nothing at a limit, one finding just beyond."""

from __future__ import annotations

from dataclasses import replace
from math import inf, nextafter
from typing import Any

import pytest

from deadwax.domain.assets import AssetFacts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.judging.judge import findings
from deadwax.domain.media.limits import MediaLimits, limits_of
from deadwax.domain.media.measured import (
    Analysis,
    ImageMeasured,
    TextMeasured,
    VideoMeasured,
)
from deadwax.domain.vocabulary import AssetKind

COVER = ImageFacts(codec="JPEG", width=3000, height=3000)
SEEN = ImageMeasured(colour_space="RGB", bits=8, dpi=300.0, high_band_db=-28.0)
LOOP = VideoFacts(container="MP4", codec="AVC", width=720, height=1280, duration_ms=5000)
LOOPING = limits_of("looping_video")
FILE = {"sha256": "ab" * 32, "md5": "cd" * 16, "filename": "file"}


def cover(size: int = 10_000_000, **changes: Any) -> AssetFacts:
    form = {k: v for k, v in changes.items() if k in ImageFacts.__dataclass_fields__}
    seen = {k: v for k, v in changes.items() if k not in form}
    return AssetFacts(
        **FILE,
        size=size,
        kind=AssetKind.IMAGE,
        image=replace(COVER, **form),
        analysis=Analysis(analyser="1", image=replace(SEEN, **seen)),
    )


def video(rotation: int = 0, fast_start: bool | None = True, **changes: Any) -> AssetFacts:
    measured = VideoMeasured(bitrate_bps=5_000_000, rotation=rotation, fast_start=fast_start)
    return AssetFacts(
        **FILE,
        size=3_000_000,
        kind=AssetKind.VIDEO,
        video=replace(LOOP, **changes),
        analysis=Analysis(analyser="1", video=measured),
    )


def text(codec: str = "LRC", **measured: Any) -> AssetFacts:
    return AssetFacts(
        **FILE,
        size=3000,
        kind=AssetKind.TEXT,
        text=TextFacts(codec=codec),
        analysis=Analysis(analyser="1", text=TextMeasured(**measured)),
    )


def pdf(**measured: Any) -> AssetFacts:
    return text("PDF", **{"pages": 12, **measured})


def codes(facts: AssetFacts, limits: MediaLimits | None = None) -> list[str]:
    limits = limits or (LOOPING if facts.video else limits_of("default"))
    return [finding.code for finding in findings(facts, limits)]


# What is still within, what is just beyond.
EDGES = {
    "not_square": (cover(width=3001, height=3001), cover(width=3001)),
    "image_too_small": (cover(), cover(width=2999, height=2999)),
    "image_too_large": (cover(10_000_000), cover(10_000_001)),
    "image_codec_not_taken": (cover(codec="TIFF"), cover(codec="BMP")),
    "image_codec_unnamed": (cover(codec="PNG"), cover(codec="WebP")),
    "animated": (cover(frames=1), cover(frames=2)),
    "colour_space": (cover(), cover(colour_space="CMYK", icc_profile="Coated FOGRA39")),
    "alpha": (cover(alpha=False), cover(alpha=True)),
    "image_bits": (cover(bits=8), cover(bits=16)),
    "icc_profile": (cover(icc_profile="sRGB IEC61966-2.1"), cover(icc_profile="Display P3")),
    "exif_rotation": (cover(orientation=1), cover(orientation=6)),
    "upscaled": (cover(high_band_db=-28.0), cover(high_band_db=nextafter(-28.0, -inf))),
    "resolution": (cover(dpi=None), cover(dpi=299.9)),
    "video_codec": (video(codec="HEVC"), video(codec="H263")),
    "video_unnamed": (video(codec="HEVC"), video(codec="AV1")),
    "video_container": (video(), video(container="QuickTime")),
    "video_too_short": (video(duration_ms=3000), video(duration_ms=2999)),
    "video_too_long": (video(duration_ms=8000), video(duration_ms=8001)),
    "video_aspect": (video(width=726), video(width=728)),
    "video_too_small": (video(width=405, height=720), video(width=404, height=718)),
    "video_rotated": (video(), video(rotation=90)),
    "not_fast_start": (video(fast_start=None), video(fast_start=False)),
    "text_byte_order_mark": (text(lines=9), text(lines=9, byte_order_mark=True)),
    "lyric_times_unordered": (text(timed_lines=9), text(timed_lines=9, unordered_line=4)),
    "pdf_encrypted": (pdf(), pdf(encrypted=True)),
    "pdf_active_content": (pdf(), pdf(active_content=("JavaScript",))),
    "pdf_without_pages": (pdf(pages=1), pdf(pages=0)),
}
OF_THE_READERS = {"image_damaged", "image_data_after_end", "video_lengths_differ"} | {
    "lyric_time_wrong",
    "pdf_broken",
}
ELSEWHERE = {"colours_undefined", "lyrics_beyond_end"}


@pytest.mark.parametrize("code", EDGES)
def test_nothing_is_found_at_a_limit_and_just_one_thing_beyond(code: str) -> None:
    within, beyond = EDGES[code]
    assert codes(within) == []
    assert codes(beyond) == [code]


def test_every_check_beside_audio_has_its_edge_here() -> None:
    groups = ("image", "video", "text")
    checks = {code for code, check in CHECKS.items() if check.group in groups}
    assert checks == EDGES.keys() | OF_THE_READERS | ELSEWHERE


def test_colours_for_print_without_a_profile_are_a_guess() -> None:
    assert codes(cover(colour_space="CMYK")) == ["colour_space", "colours_undefined"]


def test_a_music_video_is_not_held_against_looping_artwork() -> None:
    music = video(width=1920, height=1080, duration_ms=240_000, container="QuickTime")
    assert codes(music, limits_of("default")) == []
    assert set(codes(music)) == {"video_container", "video_too_long", "video_aspect"}


def test_what_is_attached_need_not_be_a_cover() -> None:
    booklet_page = cover(width=2100, height=1400)
    assert codes(booklet_page, limits_of("attached_image")) == []
    assert codes(booklet_page) == ["not_square", "image_too_small"]


def test_what_each_platform_takes_of_covers() -> None:
    small, png = cover(width=1000, height=1000), cover(codec="PNG")
    assert codes(small, limits_of("tiktok")) == []
    assert codes(small, limits_of("spotify")) == ["image_too_small"]
    assert codes(png, limits_of("spotify")) == ["image_codec_not_taken"]
    assert codes(cover(codec="TIFF"), limits_of("apple_music")) == []
