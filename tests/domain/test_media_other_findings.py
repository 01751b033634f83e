"""What is found of pictures, videos, lyrics and booklets is what breaks a limit, nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.domain.measuring import audio, codes, found

from deadwax.domain.assets import AssetFacts, ImageFacts, TextFacts, VideoFacts
from deadwax.domain.media.checks import CHECKS
from deadwax.domain.media.findings import Severity
from deadwax.domain.media.judging.text import lyrics_findings
from deadwax.domain.media.limits import limits_of
from deadwax.domain.media.measured import (
    Analysis,
    Fault,
    ImageMeasured,
    TextMeasured,
    VideoMeasured,
)
from deadwax.domain.vocabulary import AssetKind

LOOP = limits_of("looping_video")
ATTACHED = limits_of("attached_image")
_FILE: dict[str, Any] = {"sha256": "ab" * 32, "md5": "cd" * 16, "size": 9_000_000, "filename": "x"}


def cover(size: int = 9_000_000, **changes: Any) -> AssetFacts:
    form = ImageFacts(codec="JPEG", width=3000, height=3000)
    seen = ImageMeasured(colour_space="RGB", bits=8, dpi=300.0, high_band_db=-20.0)
    return AssetFacts(
        **_FILE | {"size": size},
        kind=AssetKind.IMAGE,
        image=replace(form, **{k: v for k, v in changes.items() if hasattr(form, k)}),
        analysis=Analysis(
            analyser="1",
            image=replace(seen, **{k: v for k, v in changes.items() if hasattr(seen, k)}),
        ),
    )


def video(**changes: Any) -> AssetFacts:
    form = VideoFacts(container="MP4", codec="AVC", width=720, height=1280, duration_ms=5000)
    seen = VideoMeasured(bitrate_bps=1, fast_start=True)
    return AssetFacts(
        **_FILE,
        kind=AssetKind.VIDEO,
        video=replace(form, **{k: v for k, v in changes.items() if hasattr(form, k)}),
        analysis=Analysis(
            analyser="1",
            video=replace(seen, **{k: v for k, v in changes.items() if hasattr(seen, k)}),
        ),
    )


def text(codec: str = "LRC", **read: Any) -> AssetFacts:
    analysis = Analysis(analyser="1", text=TextMeasured(**read))
    return AssetFacts(**_FILE, kind=AssetKind.TEXT, text=TextFacts(codec=codec), analysis=analysis)


# The code, what is still within, what is just beyond, and against which limits.
EDGES: dict[str, tuple[AssetFacts, AssetFacts, str]] = {
    "not_square": (cover(width=3500, height=3500), cover(width=3500), "default"),
    "image_too_small": (cover(), cover(width=2999, height=2999), "default"),
    "image_too_large": (cover(10_000_000), cover(10_000_001), "default"),
    "animated": (cover(frames=1), cover(frames=2), "default"),
    "image_codec_unnamed": (cover(codec="TIFF"), cover(codec="WebP"), "default"),
    "colour_space": (cover(), cover(colour_space="GREY"), "default"),
    "alpha": (cover(), cover(alpha=True), "default"),
    "image_bits": (cover(), cover(bits=16), "default"),
    "icc_profile": (
        cover(icc_profile="sRGB IEC61966-2.1"),
        cover(icc_profile="Adobe RGB (1998)"),
        "default",
    ),
    "exif_rotation": (cover(orientation=1), cover(orientation=6), "default"),
    "upscaled": (cover(high_band_db=-28.0), cover(high_band_db=-28.1), "default"),
    "resolution": (cover(dpi=300.0), cover(dpi=299.9), "default"),
    "video_codec": (video(), video(codec="H.261"), "default"),
    "video_unnamed": (video(codec="HEVC"), video(codec="VP9"), "default"),
    "video_container": (video(), video(container="QuickTime"), "looping_video"),
    "video_too_short": (video(duration_ms=3000), video(duration_ms=2999), "looping_video"),
    "video_too_long": (video(duration_ms=8000), video(duration_ms=8001), "looping_video"),
    "video_aspect": (video(width=716), video(width=700), "looping_video"),
    "video_too_small": (
        video(width=405, height=720),
        video(width=404, height=719),
        "looping_video",
    ),
    "video_rotated": (video(rotation=0), video(rotation=180), "default"),
    "not_fast_start": (video(fast_start=None), video(fast_start=False), "default"),
    "text_byte_order_mark": (text(), text(byte_order_mark=True), "default"),
    "lyric_times_unordered": (text(), text(unordered_line=3), "default"),
    "pdf_encrypted": (text("PDF", pages=1), text("PDF", encrypted=True), "default"),
    "pdf_without_pages": (text("PDF", pages=1), text("PDF", pages=0), "default"),
    "pdf_active_content": (
        text("PDF", pages=1),
        text("PDF", pages=1, active_content=("JavaScript",)),
        "default",
    ),
}


@pytest.mark.parametrize("code", EDGES)
def test_a_check_is_silent_within_its_limit_and_speaks_beyond(code: str) -> None:
    within, beyond, platform = EDGES[code]
    assert codes(within, limits_of(platform)) == []
    assert codes(beyond, limits_of(platform)) == [code]


def test_every_check_has_its_edge_here_or_is_a_fault_of_the_file() -> None:
    faults = {"image_damaged", "image_data_after_end", "video_lengths_differ"}
    faults |= {"lyric_time_wrong", "pdf_broken"}  # tests/media tell how they are found
    elsewhere = {"image_codec_not_taken", "colours_undefined", "lyrics_beyond_end"}
    groups = {code for code, check in CHECKS.items() if check.group in ("image", "video", "text")}
    assert groups == EDGES.keys() | faults | elsewhere
    for code in faults:
        (finding,) = found(replace(cover(), analysis=_broken(code)))
        assert finding.severity in (Severity.BLOCK, Severity.FIX)


def _broken(code: str) -> Analysis:
    return Analysis(analyser="1", faults=(Fault(code=code, message="Broken."),))


def test_a_platform_that_takes_fewer_formats_wants_a_rendition() -> None:
    strict = limits_of("default")
    strict = replace(strict, image=replace(strict.image, codecs=("JPEG",)))
    (finding,) = found(cover(codec="PNG"), strict)
    assert (finding.code, finding.severity) == ("image_codec_not_taken", Severity.FIX)


def test_cmyk_is_a_guess_without_a_profile() -> None:
    assert codes(cover(colour_space="CMYK", icc_profile="Coated FOGRA39")) == ["colour_space"]
    for profile in (None, "unreadable"):
        told = codes(cover(colour_space="CMYK", icc_profile=profile))
        assert told == ["colour_space", "colours_undefined"]


def test_what_a_rendition_mends_stops_no_submission() -> None:
    mended = cover(colour_space="CMYK", alpha=True, bits=16, orientation=6, codec="WebP")
    assert {finding.severity for finding in found(mended)} <= {Severity.FIX, Severity.WARN}


def test_pictures_beside_the_cover_need_not_be_square() -> None:
    assert codes(cover(width=1000, height=400), ATTACHED) == []
    assert codes(cover(width=1000, height=200), ATTACHED) == ["image_too_small"]


def test_a_video_is_judged_as_it_is_shown() -> None:
    lying = video(width=1280, height=720)
    assert "video_aspect" in codes(lying, LOOP)
    turned = video(width=1280, height=720, shown_width=720, shown_height=1280)
    assert codes(turned, LOOP) == []
    assert codes(lying) == []


def test_lyrics_end_with_their_track() -> None:
    track = audio()  # three minutes
    assert list(lyrics_findings(text(last_time_s=180.0), track)) == []
    (finding,) = lyrics_findings(text(last_time_s=180.1), track)
    assert (finding.code, finding.value, finding.limit) == ("lyrics_beyond_end", 180.1, 180.0)
    assert list(lyrics_findings(text("UTF8Text"), track)) == []
